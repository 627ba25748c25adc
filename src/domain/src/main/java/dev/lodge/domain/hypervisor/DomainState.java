package dev.lodge.domain.hypervisor;

import org.jspecify.annotations.Nullable;

/**
 * A domain as libvirt reports it.
 *
 * @param owner from our metadata; null: not ours, never to be touched
 * @param pid of QEMU; 0 if not known
 */
public record DomainState(DomainId id, @Nullable Owner owner, Power power, String reason, int pid) {

  /** Our metadata in the domain. */
  public record Owner(String namespace, String name, String uid, long epoch) {}

  /** What the guest does. */
  public enum Power {
    RUNNING,
    /** By request, or for the reason in {@link DomainState#reason}: an I/O error, the watchdog. */
    PAUSED,
    /** The guest panicked and is kept. */
    CRASHED,
    SHUTTING_DOWN,
    /** Still listed, but ended. */
    OFF
  }

  /** Whether QEMU may have disks open: everything but {@link Power#OFF}. */
  public boolean active() {
    return power != Power.OFF;
  }
}
