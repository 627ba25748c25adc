package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.DomainState.Power;

/** libvirt's states and reasons in the port's words. */
final class DomainStates {
  /** virDomainState and the reason that goes with it. */
  record Seen(int state, int reason) {}

  private DomainStates() {}

  /**
   * @param run -1: the domain does not run, whatever its state is called
   */
  static Power power(Seen seen, int run) {
    if (run < 0) {
      return Power.OFF;
    }
    return switch (seen.state()) {
      case 3, 7 -> Power.PAUSED;
      case 4 -> Power.SHUTTING_DOWN;
      case 5 -> Power.OFF;
      case 6 -> Power.CRASHED;
      // running, blocked, and the moment when libvirt does not know yet: QEMU has the disks open
      default -> Power.RUNNING;
    };
  }

  static String reason(Seen seen) {
    return switch (seen.state()) {
      case 1, 2 ->
          word(
              seen,
              "unknown",
              "booted",
              "migrated",
              "restored",
              "from snapshot",
              "unpaused",
              "migration cancelled",
              "save cancelled",
              "woken up",
              "crashed",
              "post-copy");
      case 3 ->
          word(
              seen,
              "unknown",
              "by request",
              "migrating",
              "saving",
              "dumping",
              "I/O error",
              "watchdog",
              "from snapshot",
              "shutting down",
              "snapshot",
              "guest panicked",
              "starting up",
              "post-copy",
              "post-copy failed",
              "an error of the hypervisor");
      case 4 -> word(seen, "unknown", "by request");
      case 5 ->
          word(
              seen,
              "unknown",
              "guest shut down",
              "destroyed",
              "QEMU crashed",
              "migrated",
              "saved",
              "failed to start",
              "from snapshot",
              "ended with the daemon");
      case 6 -> word(seen, "unknown", "guest panicked");
      case 7 -> "suspended by the guest";
      default -> "unknown";
    };
  }

  private static String word(Seen seen, String... words) {
    return seen.reason() >= 0 && seen.reason() < words.length ? words[seen.reason()] : words[0];
  }
}
