package dev.lodge.domain.hypervisor;

/** A call to the hypervisor failed; {@link #failure} says how. */
public final class HypervisorException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient HypervisorFailure failure;

  public HypervisorException(HypervisorFailure failure) {
    super(failure.message());
    this.failure = failure;
  }

  public HypervisorFailure failure() {
    return failure;
  }
}
