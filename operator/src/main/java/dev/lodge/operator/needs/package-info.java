/** What a VM needs before it can be placed, out of what its spec names. Pure. */
@NullMarked
package dev.lodge.operator.needs;

import org.jspecify.annotations.NullMarked;
