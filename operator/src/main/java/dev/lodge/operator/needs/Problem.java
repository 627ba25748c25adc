package dev.lodge.operator.needs;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;

/**
 * Why a VM cannot be placed.
 *
 * @param condition the type of the condition that says so
 * @param message with the mend
 */
public record Problem(String condition, Reason reason, String message) {}
