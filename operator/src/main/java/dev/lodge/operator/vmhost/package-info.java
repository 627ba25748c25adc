/** Nodes: what the scheduler must know of them, and proof that one is dead. */
@NullMarked
package dev.lodge.operator.vmhost;

import org.jspecify.annotations.NullMarked;
