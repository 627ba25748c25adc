package dev.lodge.domain.hypervisor;

/** A hint that something changed. */
public sealed interface HypervisorEvent {

  /** This domain started, paused, resumed or rebooted: look at it. */
  record DomainChanged(DomainId id, String what) implements HypervisorEvent {}

  /** This domain ended, as far as libvirt saw how. */
  record DomainEnded(DomainId id, How how) implements HypervisorEvent {

    /** How a domain ends. */
    public enum How {
      /** The guest shut down by itself or at the power button. */
      SHUTDOWN,
      /** The guest panicked, or QEMU died. */
      CRASHED,
      /** Somebody pulled the plug. */
      DESTROYED,
      /** libvirt does not say. */
      UNKNOWN
    }
  }

  /** A connection stands (again): list everything. */
  record Connected() implements HypervisorEvent {}

  /** No connection: nothing is known until {@link Connected}. */
  record Disconnected(String why) implements HypervisorEvent {}
}
