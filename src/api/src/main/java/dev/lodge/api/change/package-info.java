/** What changing a field of a spec costs. */
@NullMarked
package dev.lodge.api.change;

import org.jspecify.annotations.NullMarked;
