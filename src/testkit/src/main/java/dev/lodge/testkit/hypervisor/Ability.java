package dev.lodge.testkit.hypervisor;

/** What not every hypervisor can do; one that cannot says {@code Unsupported}. */
public enum Ability {
  /** It tells of a reset. */
  REBOOT_EVENT,
  /** Other media in a CD-ROM drive of a running guest. */
  MEDIUM,
  /** The cable of an interface of a running guest. */
  LINK,
  /** Input to a console. */
  CONSOLE,
  /** Static leases of a network that runs. */
  LIVE_LEASES,
  /** A guest that shuts down at the power button. */
  ACPI_SHUTDOWN,
  /** A guest that asks for an address. */
  DHCP,
  /** A log that says how domains ended. */
  LAST_END
}
