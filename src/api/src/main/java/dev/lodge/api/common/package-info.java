/** Values that several kinds share: quantities, conditions, references, names of labels. */
@NullMarked
package dev.lodge.api.common;

import org.jspecify.annotations.NullMarked;
