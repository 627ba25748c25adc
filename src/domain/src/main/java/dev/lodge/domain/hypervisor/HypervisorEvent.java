package dev.lodge.domain.hypervisor;

/** A hint that something changed. */
public sealed interface HypervisorEvent {

  /** This domain started, stopped, paused, resumed, crashed or rebooted: look at it. */
  record DomainChanged(DomainId id, String what) implements HypervisorEvent {}

  /** A connection stands (again): list everything. */
  record Connected() implements HypervisorEvent {}

  /** No connection: nothing is known until {@link Connected}. */
  record Disconnected(String why) implements HypervisorEvent {}
}
