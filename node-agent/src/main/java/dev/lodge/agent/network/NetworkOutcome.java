package dev.lodge.agent.network;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.InterfaceStatus;
import dev.lodge.domain.plan.PlanRequest;
import java.util.List;
import java.util.Map;

/** Whether the networks that a VM names are up. */
public sealed interface NetworkOutcome {

  /**
   * They are.
   *
   * @param nics by name of the interface
   */
  record Ready(Map<String, PlanRequest.Nic> nics, List<InterfaceStatus> interfaces)
      implements NetworkOutcome {}

  /** One is not; the message names the field and the mend. */
  record Refused(Reason reason, String message) implements NetworkOutcome {}
}
