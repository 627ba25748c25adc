/** The VirtualMachine reconciler: gather, decide, act, tell. */
@NullMarked
package dev.lodge.operator.virtualmachine;

import org.jspecify.annotations.NullMarked;
