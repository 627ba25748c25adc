/** Slot pods: the VM's place on a node, as the scheduler, the quota and the kubelet see it. */
@NullMarked
package dev.lodge.operator.slot;

import org.jspecify.annotations.NullMarked;
