package dev.lodge.domain.ownership;

/** What is known of the VM's domain on this host. */
public sealed interface DomainView {

  /** Nobody has looked since the last doubt. */
  record Unknown() implements DomainView {}

  /** Certainly none. */
  record Absent() implements DomainView {}

  /** Ours: QEMU may have the disks open. */
  record Active(long epoch) implements DomainView {}

  /**
   * Ours: the paused copy of a migration, arriving or arrived, that was never resumed here. It
   * writes nothing.
   *
   * @param epoch of the source when the migration began
   */
  record Landed(long epoch) implements DomainView {}

  /** A domain of this name or UUID that is not ours: never touched. */
  record Foreign(String why) implements DomainView {}
}
