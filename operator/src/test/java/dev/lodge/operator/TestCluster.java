package dev.lodge.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.api.v1alpha1.vmhost.VmHostStatus;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.operator.client.Json;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A cluster for tests: plays user, scheduler, kubelet and agents. */
final class TestCluster {
  static final String NAMESPACE = "default";
  private static final ObjectMapper MAPPER = Json.lenient();

  final KubernetesClient client;

  TestCluster(KubernetesClient client) {
    this.client = client;
  }

  /** A node with an agent that has registered its first boot. */
  void node(String name) {
    client
        .resource(
            new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build())
        .create();
    var host = new VmHost();
    host.setMetadata(new ObjectMetaBuilder().withName(name).build());
    client.resource(host).create();
    host(
        name,
        read(
            "{\"machineID\":\"m-"
                + name
                + "\",\"bootID\":\"b1\",\"bootGeneration\":1,"
                + "\"capabilities\":{\"kvm\":true,\"machineTypes\":[\"pc-q35-7.2\"],\"cpuModels\":[\"qemu64\"]},"
                + "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"reason\":\"Available\","
                + "\"message\":\"\",\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"}]}",
            VmHostStatus.class));
  }

  void host(String name, VmHostStatus status) {
    VmHost host = client.resources(VmHost.class).withName(name).get();
    host.setStatus(status);
    client.resource(host).updateStatus();
  }

  void network(String namespace, String name, String cidr) {
    var n = new VmNetwork();
    n.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
    n.setSpec(read("{\"nat\":{},\"ipv4\":{\"cidr\":\"" + cidr + "\"}}", VmNetworkSpec.class));
    client.resource(n).create();
  }

  VirtualMachine vm(String name, String spec) {
    var vm = new VirtualMachine();
    vm.setMetadata(new ObjectMetaBuilder().withNamespace(NAMESPACE).withName(name).build());
    vm.setSpec(read(spec, VirtualMachineSpec.class));
    return client.resource(vm).create();
  }

  VirtualMachine vm(String name) {
    return client.resources(VirtualMachine.class).inNamespace(NAMESPACE).withName(name).get();
  }

  VirtualMachineStatus status(String name) {
    VirtualMachine vm = vm(name);
    return vm == null || vm.getStatus() == null ? VirtualMachineStatus.empty() : vm.getStatus();
  }

  void edit(String name, UnaryOperator<String> spec) {
    client
        .resources(VirtualMachine.class)
        .inNamespace(NAMESPACE)
        .withName(name)
        .edit(
            vm -> {
              vm.setSpec(read(spec.apply(write(vm.getSpec())), VirtualMachineSpec.class));
              return vm;
            });
  }

  /** An agent writes into the status, as JSON: members in {@code with} replace those there. */
  void agentWrites(String name, String with) {
    VirtualMachine vm = vm(name);
    try {
      ObjectNode tree = MAPPER.valueToTree(vm.getStatus());
      tree.setAll((ObjectNode) MAPPER.readTree(with));
      vm.setStatus(MAPPER.treeToValue(tree, VirtualMachineStatus.class));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    client.resource(vm).updateStatus();
  }

  /** The kubelet is silent: the Node is no longer ready. */
  void lose(String node) {
    client
        .nodes()
        .withName(node)
        .editStatus(
            n ->
                new NodeBuilder(n)
                    .editStatus()
                    .editFirstCondition()
                    .withStatus("Unknown")
                    .endCondition()
                    .endStatus()
                    .build());
  }

  /** Somebody says that the machine is off for certain. */
  void outOfService(String node) {
    client
        .nodes()
        .withName(node)
        .edit(
            n ->
                new NodeBuilder(n)
                    .editSpec()
                    .addNewTaint(
                        "NoExecute", "node.kubernetes.io/out-of-service", null, "nodeshutdown")
                    .endSpec()
                    .build());
  }

  void claim(String name) {
    agentWrites(
        name,
        "{\"claimedBy\":\"Start\",\"claimBootGeneration\":1,\"claimNonce\":\"n\",\"phase\":\"Running\"}");
  }

  List<Pod> slots(String vm) {
    return client.pods().inNamespace(NAMESPACE).withLabel("lodge.dev/vm", vm).list().getItems();
  }

  /** The one slot, once it is there. */
  Pod slot(String vm) {
    eventually("a slot of " + vm, () -> slots(vm).size() == 1);
    return slots(vm).getFirst();
  }

  void bind(Pod pod, String node) {
    client
        .pods()
        .inNamespace(NAMESPACE)
        .withName(pod.getMetadata().getName())
        .edit(p -> new PodBuilder(p).editSpec().withNodeName(node).endSpec().build());
  }

  void podStatus(Pod pod, UnaryOperator<Pod> change) {
    client.pods().inNamespace(NAMESPACE).withName(pod.getMetadata().getName()).editStatus(change);
  }

  /** Waits for something that shall come true. */
  static void eventually(String what, BooleanSupplier condition) {
    eventually(what, Duration.ofSeconds(20), condition);
  }

  /** The same, with a time of its own. */
  static void eventually(String what, Duration within, BooleanSupplier condition) {
    Instant end = Instant.now().plus(within);
    while (Instant.now().isBefore(end)) {
      if (condition.getAsBoolean()) {
        return;
      }
      java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
    }
    assertThat(condition.getAsBoolean()).as(what).isTrue();
  }

  static <T> T read(String json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static String write(Object object) {
    try {
      return MAPPER.writeValueAsString(object);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
