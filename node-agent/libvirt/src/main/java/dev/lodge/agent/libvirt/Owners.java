package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.libvirtxml.MetadataReader;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.libvirt.Error.ErrorNumber;

/**
 * Which domains are ours. Our metadata is read once for each run of a domain and kept: it does not
 * change while the domain runs.
 */
final class Owners {
  private static final int METADATA_ELEMENT = 2;

  /** A run of a domain: libvirt gives each start a number of its own. */
  record Run(String uuid, int number) {}

  /** What was read of a run. */
  private record Known(int number, Optional<DomainState.Owner> owner) {}

  /** By UUID: a domain has one run at a time, and what was known of an earlier one is over. */
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  /** Whose it is, or null: not ours. */
  DomainState.@Nullable Owner of(NativeDomain domain) throws LibvirtError {
    int number = domain.run();
    String uuid = domain.id().uuid();
    Known before = known.get(uuid);
    if (before != null && before.number() == number) {
      return before.owner().orElse(null);
    }
    Optional<DomainState.Owner> owner = read(domain);
    if (number >= 0) {
      known.put(uuid, new Known(number, owner));
    }
    return owner.orElse(null);
  }

  /** Whose it is; a domain that is not ours is never touched. */
  DomainState.Owner ours(NativeDomain domain) throws LibvirtError {
    DomainState.Owner owner = of(domain);
    if (owner == null) {
      throw new HypervisorException(
          new HypervisorFailure.AlreadyExists(
              "domain '%s' exists and is not Lodge's: it is not touched"
                  .formatted(domain.id().name())));
    }
    return owner;
  }

  /** We have just started it. */
  void learn(NativeDomain domain, DomainState.Owner owner) {
    known.put(domain.id().uuid(), new Known(domain.run(), Optional.of(owner)));
  }

  /** Forgets all other runs. */
  void keep(Collection<Run> runs) {
    known.entrySet().removeIf(e -> !runs.contains(new Run(e.getKey(), e.getValue().number())));
  }

  /** The domain has ended; if another run of it has begun since, that is read anew. */
  void forget(String uuid) {
    known.remove(uuid);
  }

  /** Nobody saw what ended while there was no connection. */
  void forgetAll() {
    known.clear();
  }

  /** Of how many domains something is known. */
  int size() {
    return known.size();
  }

  private static Optional<DomainState.Owner> read(NativeDomain domain) throws LibvirtError {
    var xml =
        LibvirtNative.VIRT.virDomainGetMetadata(
            domain.handle(), METADATA_ELEMENT, MetadataReader.NAMESPACE, 0);
    if (xml != null) {
      return MetadataReader.owner(LibvirtNative.take(xml));
    }
    LibvirtError e = LibvirtError.last();
    if (e.code() == ErrorNumber.VIR_ERR_NO_DOMAIN_METADATA) {
      return Optional.empty();
    }
    throw e;
  }
}
