package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What stands around a fault: a namespace of its own, VMs that each write a disk which every node
 * sees, and the writer checker over all of it. Closing it takes everything away and fails if some
 * disk had two writers, or if anything is left.
 */
final class Trial implements AutoCloseable {
  private static final Kubectl ADMIN = Kubectl.admin();

  final String namespace;
  private final Writers writers;
  private final World world;
  private final List<String> disks = new ArrayList<>();
  private final Set<String> uids = new TreeSet<>();

  /** Where VMs were at the end, by UID. */
  private final Map<String, String> last = new TreeMap<>();

  private Trial(Writers writers, World world) {
    this.namespace = world.namespace;
    this.writers = writers;
    this.world = world;
  }

  /**
   * @param fault begins the namespace's name
   */
  static Trial of(String fault) {
    Bed.required();
    Agents.awaitReady(World.nodes());
    World world = World.of(fault);
    return new Trial(Writers.watching(), world);
  }

  /** A tiny guest that writes a disk of its own, where the scheduler likes. */
  Vm vm(String name) {
    return vm(name, "");
  }

  Vm vmOn(String node, String name) {
    return vm(name, "placement: {nodeSelector: {kubernetes.io/hostname: " + node + "}}");
  }

  Vm vm(String name, String more) {
    String disk = namespace + "-" + name;
    String path = "/var/lib/lodge-demo/e2e-" + System.getenv("LODGE_E2E") + "-" + disk + ".raw";
    Shell.run("truncate", "-s", "1M", path).ok();
    disks.add(disk);
    ADMIN
        .apply(
            """
            apiVersion: lodge.dev/v1alpha1
            kind: HostResource
            metadata: {name: %s}
            spec: {type: File, path: %s, scope: Shared}
            """
                .formatted(disk, path))
        .ok();
    Vm vm =
        world.apply(
            World.tiny(
                name,
                "interfaces: []\ndisks: [{name: d, source: {hostResourceRef: {name: "
                    + disk
                    + "}}}]\n"
                    + more));
    uids.add(vm.uid());
    return vm;
  }

  @Override
  public void close() {
    try (writers) {
      for (JsonNode vm : ADMIN.list(namespace, "vm")) {
        last.put(vm.at("/metadata/uid").asText(), vm.at("/status/nodeName").asText());
      }
      world.close();
      Await.until(
          "nothing left of " + namespace,
          Vm.SOON.multipliedBy(2),
          () -> left().isEmpty(),
          () -> left().toString());
    } finally {
      for (String disk : disks) {
        ADMIN.run("delete", "hostresource", disk, "--ignore-not-found").ok();
        Shell.run(
            "rm",
            "-f",
            "/var/lib/lodge-demo/e2e-" + System.getenv("LODGE_E2E") + "-" + disk + ".raw");
      }
    }
  }

  /**
   * What VMs of this namespace have left behind, in the cluster and on the nodes. A node that a VM
   * had left before keeps its own record of it: that its epochs are over there.
   */
  private List<String> left() {
    var left = new ArrayList<String>();
    for (String kind : List.of("pods", "vmaddresses", "vmdiskclaims")) {
      for (JsonNode o : ADMIN.list("", kind, "-A")) {
        if (o.at("/metadata/namespace").asText().equals(namespace)
            || o.path("spec").toString().contains('"' + namespace + '"')) {
          left.add(kind + " " + o.at("/metadata/name").asText());
        }
      }
    }
    for (String node : World.nodes()) {
      Shell.Result there =
          Bed.node(
              node,
              "sh",
              "-c",
              "ls /var/lib/lodge/vms; virsh -q list --all --name;"
                  + " for i in $(ls /sys/class/net); do [ ! -e /sys/class/net/$i/tun_flags ] || echo tap $i; done");
      assertThat(there.code()).as(there.err()).isZero();
      there
          .out()
          .lines()
          .filter(
              l ->
                  l.startsWith("tap ")
                      || l.startsWith(namespace + "_")
                      || uids.stream()
                          .filter(uid -> last.getOrDefault(uid, node).equals(node))
                          .anyMatch(l::contains))
          .forEach(l -> left.add(node + ": " + l));
    }
    return left;
  }
}
