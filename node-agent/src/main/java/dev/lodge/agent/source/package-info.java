/** Where wishes come from: a directory of manifests, and the store that stands on it. */
@NullMarked
package dev.lodge.agent.source;

import org.jspecify.annotations.NullMarked;
