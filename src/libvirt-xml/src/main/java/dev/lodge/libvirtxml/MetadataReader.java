package dev.lodge.libvirtxml;

import dev.lodge.domain.hypervisor.DomainState;
import java.util.Optional;

/** Reads our element out of a domain's metadata alone, which is cheaper than all of its XML. */
public final class MetadataReader {
  /** The namespace by which virDomainGetMetadata finds our element. */
  public static final String NAMESPACE = Xml.NAMESPACE;

  private MetadataReader() {}

  /**
   * Reads {@code virDomainGetMetadata}'s answer, from which libvirt has taken the namespace.
   *
   * @return empty: it is not what we write, so the domain is not ours
   */
  public static Optional<DomainState.Owner> owner(String element) {
    try {
      XmlTree machine = XmlTree.parse(element, "machine");
      return machine
          .attribute("uid")
          .map(
              uid ->
                  new DomainState.Owner(
                      machine.attribute("namespace").orElse(""),
                      machine.attribute("name").orElse(""),
                      uid,
                      machine.attribute("epoch").map(Long::parseLong).orElse(0L)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
