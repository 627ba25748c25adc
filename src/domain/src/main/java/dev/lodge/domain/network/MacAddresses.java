package dev.lodge.domain.network;

import dev.lodge.domain.machine.DomainNames;

/** MAC addresses that follow from names, so that a VM applied again has the same one. */
public final class MacAddresses {
  private MacAddresses() {}

  /**
   * A unicast, locally administered address: 52, then 40 bits of a hash. The 24 bits that QEMU's
   * custom of 52:54:00 leaves would give two of 5,000 VMs the same. The installation's id keeps two
   * installations on one LAN apart.
   */
  public static String derive(
      String installationId, String namespace, String vm, String interfaceName) {
    String h =
        DomainNames.hash(
            "mac/" + installationId + "/" + namespace + "/" + vm + "/" + interfaceName, 10);
    return "52" + h.replaceAll("(..)", ":$1");
  }
}
