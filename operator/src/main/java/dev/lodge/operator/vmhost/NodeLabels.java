package dev.lodge.operator.vmhost;

import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.api.v1alpha1.vmhost.VmHostConditions;
import dev.lodge.api.v1alpha1.vmhost.VmHostStatus;
import dev.lodge.operator.slot.NodeNeeds;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The labels by which the scheduler knows what a host can do. Pure. */
public final class NodeLabels {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");

  private NodeLabels() {}

  /** All labels of ours that the node should have. */
  public static Map<String, String> of(VmHost host) {
    var labels = new TreeMap<String, String>();
    VmHostStatus status = host.getStatus();
    if (status == null) {
      return labels;
    }
    if (is(status, VmHostConditions.READY)) {
      labels.put(NodeNeeds.READY, "true");
    }
    VmHostStatus.Capabilities can = status.capabilities();
    if (can == null) {
      return labels;
    }
    if (Boolean.TRUE.equals(can.kvm())) {
      labels.put(NodeNeeds.KVM, "true");
    }
    put(labels, NodeNeeds.MACHINE_TYPE, can.machineTypes());
    put(labels, NodeNeeds.CPU_MODEL, can.cpuModels());
    return labels;
  }

  /** What is to be changed: null takes a label of ours away; nobody else's is touched. */
  public static Map<String, @Nullable String> change(
      Map<String, String> wanted, Map<String, String> present) {
    var change = new TreeMap<String, @Nullable String>();
    wanted.forEach(
        (key, value) -> {
          if (!value.equals(present.get(key))) {
            change.put(key, value);
          }
        });
    for (String key : present.keySet()) {
      if (ours(key) && !wanted.containsKey(key)) {
        change.put(key, null);
      }
    }
    return change;
  }

  private static boolean ours(String key) {
    return key.equals(NodeNeeds.READY)
        || key.equals(NodeNeeds.KVM)
        || key.startsWith(NodeNeeds.MACHINE_TYPE)
        || key.startsWith(NodeNeeds.CPU_MODEL);
  }

  private static void put(Map<String, String> labels, String prefix, @Nullable List<String> names) {
    for (String name : names == null ? List.<String>of() : names) {
      if (NAME.matcher(name).matches()) {
        labels.put(prefix + name, "true");
      }
    }
  }

  private static boolean is(VmHostStatus status, String type) {
    for (Condition c : status.conditions() == null ? List.<Condition>of() : status.conditions()) {
      if (c.type().equals(type)) {
        return c.status() == Condition.Status.True;
      }
    }
    return false;
  }
}
