package dev.lodge.domain.network;

import dev.lodge.domain.machine.DomainNames;

/** MAC addresses that follow from names, so that a VM applied again has the same one. */
public final class MacAddresses {
  private MacAddresses() {}

  /**
   * A unicast, locally administered address. It begins with 52:54:00, as QEMU's guests do by
   * custom; the installation's id keeps two installations on one LAN apart.
   */
  public static String derive(
      String installationId, String namespace, String vm, String interfaceName) {
    String h =
        DomainNames.hash(
            "mac/" + installationId + "/" + namespace + "/" + vm + "/" + interfaceName, 6);
    return "52:54:00:%s:%s:%s".formatted(h.substring(0, 2), h.substring(2, 4), h.substring(4, 6));
  }
}
