package dev.lodge.domain.hypervisor;

/** How a call failed; the foreign error is mapped once, at the edge. */
public sealed interface HypervisorFailure {
  /** For people, without a stack trace and without secrets. */
  String message();

  /** No connection, or it was lost during the call: the outcome is NOT known. */
  record Unavailable(String message) implements HypervisorFailure {}

  /** The daemon refuses this user. */
  record Denied(String message) implements HypervisorFailure {}

  /** The domain or network is certainly not there. */
  record NotFound(String message) implements HypervisorFailure {}

  /** A domain with this name or UUID is there. */
  record AlreadyExists(String message) implements HypervisorFailure {}

  /** The host or the hypervisor cannot do this. */
  record Unsupported(String message) implements HypervisorFailure {}

  /** libvirt refuses the definition: a bug of ours or a limit of the host. */
  record InvalidDefinition(String message) implements HypervisorFailure {}

  /** QEMU ended at once; {@code lastWords} is what it said. */
  record StartFailed(String message, String lastWords) implements HypervisorFailure {}

  /** The domain is in the wrong state for this, or something else holds it. */
  record Busy(String message) implements HypervisorFailure {}

  /** No answer in time: the outcome is NOT known. */
  record TimedOut(String message) implements HypervisorFailure {}

  /** Anything else, with libvirt's words. */
  record Failed(String message) implements HypervisorFailure {}

  /** Whether the call may have been carried out all the same. */
  default boolean outcomeUnknown() {
    return this instanceof Unavailable || this instanceof TimedOut;
  }
}
