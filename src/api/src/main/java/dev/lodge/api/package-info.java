/** The names that every other module shares: group, version and kinds. */
@NullMarked
package dev.lodge.api;

import org.jspecify.annotations.NullMarked;
