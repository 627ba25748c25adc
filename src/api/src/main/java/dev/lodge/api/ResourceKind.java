package dev.lodge.api;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The kinds of the group {@code lodge.dev}, as discovery, the directory and the CLI name them. */
public enum ResourceKind {
  VirtualMachine("virtualmachines", "virtualmachine", "vm", true, true),
  VmNetwork("vmnetworks", "vmnetwork", "vmnet", true, true),
  VmImage("vmimages", "vmimage", "vmimg", true, true),
  HostResource("hostresources", "hostresource", "hostres", false, true),
  VmHost("vmhosts", "vmhost", "vmhost", false, false),
  VmAddress("vmaddresses", "vmaddress", "vmaddr", false, false),
  VmDiskClaim("vmdiskclaims", "vmdiskclaim", "vmclaim", false, false);

  /** The API group of every kind. */
  public static final String GROUP = "lodge.dev";

  /** The only version so far. */
  public static final String VERSION = "v1alpha1";

  /** {@code apiVersion} of every object. */
  public static final String API_VERSION = GROUP + "/" + VERSION;

  private final String plural;
  private final String singular;
  private final String shortName;
  private final boolean namespaced;
  private final boolean wish;

  ResourceKind(String plural, String singular, String shortName, boolean namespaced, boolean wish) {
    this.plural = plural;
    this.singular = singular;
    this.shortName = shortName;
    this.namespaced = namespaced;
    this.wish = wish;
  }

  public String plural() {
    return plural;
  }

  public String singular() {
    return singular;
  }

  public String shortName() {
    return shortName;
  }

  public boolean namespaced() {
    return namespaced;
  }

  /**
   * Whether people write objects of this kind; the others are written by Lodge itself and exist in
   * a cluster only.
   */
  public boolean wish() {
    return wish;
  }

  /** The kinds that people write, which are the kinds that an agent alone knows. */
  public static List<ResourceKind> wishes() {
    return Arrays.stream(values()).filter(ResourceKind::wish).toList();
  }

  /** The name of the CustomResourceDefinition: {@code <plural>.lodge.dev}. */
  public String crdName() {
    return plural + "." + GROUP;
  }

  /** Finds a kind by its kind, plural, singular or short name, ignoring case, as kubectl does. */
  public static Optional<ResourceKind> byName(String name) {
    for (ResourceKind k : values()) {
      if (name.equalsIgnoreCase(k.name())
          || name.equalsIgnoreCase(k.plural)
          || name.equalsIgnoreCase(k.shortName)) {
        return Optional.of(k);
      }
    }
    return Optional.empty();
  }
}
