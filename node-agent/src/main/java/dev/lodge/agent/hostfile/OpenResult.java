package dev.lodge.agent.hostfile;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;

/** A file of the host, or why not. */
public sealed interface OpenResult {

  /** To be closed by whoever asked. */
  record Opened(OpenFile file) implements OpenResult {}

  /** The message says what to mend, without the field's path. */
  record Refused(Reason reason, String message) implements OpenResult {}
}
