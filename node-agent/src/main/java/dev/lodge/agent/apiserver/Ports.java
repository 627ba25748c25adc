package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.HostCapabilities;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the API needs of the rest of the agent. Calls may block (they run on the API's own platform
 * threads, streams and libvirt apart from the rest) and may throw {@link ApiException}.
 *
 * @param manifestCheck checks manifests before they are written
 * @param readiness empty when the agent is ready; else what it waits for
 */
public record Ports(
    ManifestCheck manifestCheck,
    Verbs verbs,
    Xml xml,
    Consoles consoles,
    Leases leases,
    Capabilities capabilities,
    Readiness readiness) {

  /** Checks a manifest by itself; what it must not have beside others, the store knows. */
  @FunctionalInterface
  public interface ManifestCheck {
    /**
     * @param manifest apiVersion, kind, metadata, spec
     * @param before the object that it replaces, for rules about changes; null: it is new
     */
    Verdict check(ObjectNode manifest, @Nullable ObjectNode before);
  }

  /** All that is wrong, by field; and what is legal but worth a word. */
  public record Verdict(List<Mistake> mistakes, List<String> warnings) {}

  /** One mistake: the field's path ({@code spec.disks[0].bus}) and what to do about it. */
  public record Mistake(String field, String message) {}

  /** Domain XML for people. */
  @FunctionalInterface
  public interface Xml {
    /** Live if the guest runs, else what would be started. */
    Rendered of(ObjectKey vm);
  }

  /** Domain XML: of the running guest, or of the plan. */
  public record Rendered(boolean live, String xml) {}

  /** DHCP leases of a network. */
  @FunctionalInterface
  public interface Leases {
    List<DhcpLease> of(ObjectKey network);
  }

  /** What the host can do. */
  @FunctionalInterface
  public interface Capabilities {
    HostCapabilities get();
  }

  /** Whether the agent is ready. */
  @FunctionalInterface
  public interface Readiness {
    Optional<String> missing();
  }
}
