/**
 * Never two writers: who may run a VM, as a pure {@code step(state, event) -> (state, action)}.
 *
 * <p>docs/design/ownership.md walks through it; the rules R1 to R11 have their names from there.
 */
@NullMarked
package dev.lodge.domain.ownership;

import org.jspecify.annotations.NullMarked;
