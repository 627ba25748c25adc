package dev.lodge.operator.vmhost;

import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.api.v1alpha1.vmhost.VmHostStatus;
import dev.lodge.domain.ownership.Fencing;
import dev.lodge.domain.ownership.HostFacts;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a node, out of its VmHost and its Node. */
public final class HostReader {
  /** Kubernetes' word for a machine that is off for certain. */
  public static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

  private HostReader() {}

  /**
   * @param host null: no agent has registered
   * @param node null: there is no such Node; then it is not ready and says nothing
   */
  public static HostFacts of(String name, @Nullable VmHost host, @Nullable Node node) {
    VmHostStatus s =
        host == null || host.getStatus() == null ? VmHostStatus.empty() : host.getStatus();
    return new HostFacts(
        name,
        s.bootGeneration() == null ? 0 : s.bootGeneration(),
        s.fencedThrough() == null ? 0 : s.fencedThrough(),
        node != null && ready(node),
        node == null ? HostFacts.Taint.NONE : taint(node),
        Boolean.TRUE.equals(s.taintSeen()),
        Boolean.TRUE.equals(s.taintedAtBoot()));
  }

  private static boolean ready(Node node) {
    for (NodeCondition c :
        node.getStatus() == null ? List.<NodeCondition>of() : node.getStatus().getConditions()) {
      if (c.getType().equals("Ready")) {
        return c.getStatus().equals("True");
      }
    }
    return false;
  }

  private static HostFacts.Taint taint(Node node) {
    var found = HostFacts.Taint.NONE;
    for (Taint t : node.getSpec() == null ? List.<Taint>of() : node.getSpec().getTaints()) {
      if (t.getKey().equals(OUT_OF_SERVICE)) {
        if (!Fencing.OUR_TAINT.equals(t.getValue())) {
          return HostFacts.Taint.THEIRS;
        }
        found = HostFacts.Taint.OURS;
      }
    }
    return found;
  }
}
