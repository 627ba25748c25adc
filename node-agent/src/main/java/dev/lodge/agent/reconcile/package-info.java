/** One VM on this node: what is wished against what is, one step at a time. */
@NullMarked
package dev.lodge.agent.reconcile;

import org.jspecify.annotations.NullMarked;
