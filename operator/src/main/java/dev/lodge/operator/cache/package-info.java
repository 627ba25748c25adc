/** What the operator knows of the cluster without asking: watched, and trimmed to what is read. */
@NullMarked
package dev.lodge.operator.cache;

import org.jspecify.annotations.NullMarked;
