package dev.lodge.agent.libvirt;

import dev.lodge.domain.machine.NetworkPlan.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One change of a network's static leases. dnsmasq reads them anew on a signal: guests that run do
 * not notice.
 */
record LeaseChange(Kind kind, Host host) {
  /** virNetworkUpdateCommand. */
  enum Kind {
    DELETE,
    ADD
  }

  /**
   * What leads from one list to the other. First everything that is in the way is deleted: libvirt
   * refuses a MAC, a name or an address that another lease has, and cannot change the MAC of one.
   */
  static List<LeaseChange> between(List<Host> from, List<Host> to) {
    List<Host> before = from.stream().map(LeaseChange::canonical).toList();
    List<Host> after = to.stream().map(LeaseChange::canonical).toList();
    List<LeaseChange> changes = new ArrayList<>();
    before.stream()
        .filter(h -> !after.contains(h))
        .forEach(h -> changes.add(new LeaseChange(Kind.DELETE, h)));
    after.stream()
        .filter(h -> !before.contains(h))
        .forEach(h -> changes.add(new LeaseChange(Kind.ADD, h)));
    return changes;
  }

  int command() {
    return switch (kind) {
      case DELETE -> 2;
      case ADD -> 3;
    };
  }

  private static Host canonical(Host h) {
    return new Host(h.mac().toLowerCase(Locale.ROOT), h.ip(), h.name());
  }
}
