package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bad manifests of ownership.md through kubectl, under the shipped chart: each is refused by
 * the layer that the docs name, and nothing of it is stored, placed or started.
 */
class BadInputE2E {
  private static final Path OUTSIDE =
      Path.of("/var/lib/lodge-demo/e2e-" + System.getenv("LODGE_E2E") + "-bad-input");
  private static final Kubectl ADMIN = Kubectl.admin();
  private static World world;

  @BeforeAll
  static void world() throws IOException {
    world = World.of("bad");
    Files.createDirectories(OUTSIDE);
    Files.deleteIfExists(OUTSIDE.resolve("link"));
    Files.createSymbolicLink(OUTSIDE.resolve("link"), Path.of("/etc/passwd"));
    ADMIN
        .apply(
            """
            apiVersion: lodge.dev/v1alpha1
            kind: HostResource
            metadata: {name: bad-directory}
            spec: {type: Directory, path: %1$s}
            ---
            apiVersion: lodge.dev/v1alpha1
            kind: HostResource
            metadata: {name: bad-device}
            spec: {type: File, path: /dev/null}
            ---
            apiVersion: lodge.dev/v1alpha1
            kind: HostResource
            metadata: {name: bad-foreign}
            spec:
              type: Directory
              path: %1$s
              allowedNamespaces: {from: Selector, selector: {matchLabels: {lodge.test/other: "true"}}}
            """
                .formatted(OUTSIDE))
        .ok();
  }

  @AfterAll
  static void away() throws IOException {
    if (world != null) {
      world.close();
      ADMIN.run("delete", "hostresource", "bad-directory", "bad-device", "bad-foreign").ok();
      Files.deleteIfExists(OUTSIDE.resolve("link"));
      Files.deleteIfExists(OUTSIDE);
    }
  }

  static Stream<Arguments> refusedAtAdmission() {
    String disks =
        String.join(
            ", ",
            IntStream.range(0, 1000)
                .mapToObj(i -> "{name: d" + i + ", source: {claimRef: {name: c}}}")
                .toList());
    return Stream.of(
        bad(
            "path-climbs",
            disk("{hostResourceRef: {name: guests, path: ../x}}"),
            "must not contain '..'"),
        bad(
            "path-nul",
            disk("{hostResourceRef: {name: guests, path: \"a\\0b\"}}"),
            "spec.disks[0].source.hostResourceRef.path"),
        bad(
            "kernel-absolute",
            "firmware: {kernel: {kernelRef: {hostResourceRef: {name: guests, path: /etc/shadow}}}}",
            "kernelRef.hostResourceRef.path"),
        bad(
            "serial-xml",
            "disks: [{name: d, serial: \"a<b\", source: {claimRef: {name: c}}}]",
            "spec.disks[0].serial"),
        bad(
            "mac-xml",
            "interfaces: [{name: a, mac: \"52:54:00:00:00:0<\"}]",
            "spec.interfaces[0].mac"),
        bad("mac-multicast", "interfaces: [{name: a, mac: \"01:54:00:00:00:01\"}]", "mac"),
        bad(
            "mac-twice",
            "interfaces: [{name: a, mac: \"52:54:00:00:00:01\"}, {name: b, mac: \"52:54:00:00:00:01\"}]",
            "two interfaces have the same address; give each its own"),
        bad(
            "claim-of-others",
            disk("{claimRef: {name: c, namespace: other}}"),
            "unknown field \"spec.disks[0].source.claimRef.namespace\""),
        bad(
            "secret-of-others",
            "cloudInit: {userDataSecretRef: {name: s, namespace: other}}",
            "unknown field \"spec.cloudInit.userDataSecretRef.namespace\""),
        bad("node-by-hand", "nodeName: node1", "unknown field \"spec.nodeName\""),
        bad("disks-thousand", "disks: [" + disks + "]", "at most 64 items"),
        bad(
            "user-data-long",
            "cloudInit: {userData: \"#!/bin/sh " + "x".repeat(65_536) + "\"}",
            "may not be more than 65536 bytes"),
        Arguments.of(
            "cpus-million", vm("cpus-million", "1000000", "16Mi", ""), "less than or equal to 512"),
        Arguments.of(
            "memory-zero", vm("memory-zero", "1", "0", ""), "must be between 1Mi and 16Ti"),
        Arguments.of(
            "memory-negative",
            vm("memory-negative", "1", "-1Gi", ""),
            "must be between 1Mi and 16Ti"),
        Arguments.of("name-xml", vm("\"a<b>\"", "1", "16Mi", ""), "RFC 1123"),
        Arguments.of(
            "name-long",
            vm("x".repeat(64), "1", "16Mi", ""),
            "metadata.name: at most 63 characters"),
        Arguments.of(
            "a-megabyte-and-a-half",
            vm("huge", "1", "16Mi", "")
                .replace(
                    "{name: huge}",
                    "{name: huge, annotations: {a: \"" + "x".repeat(1_572_864) + "\"}}"),
            "may not be more than 262144 bytes"),
        Arguments.of(
            "resource-climbs",
            """
            apiVersion: lodge.dev/v1alpha1
            kind: HostResource
            metadata: {name: bad-climbs}
            spec: {type: File, path: /var/lib/lodge-demo/../shadow}
            """,
            "must not contain '..'"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedAtAdmission")
  void is_refused_at_admission_with_a_word_on_what_to_do(
      String name, String manifest, String word) {
    Shell.Result r =
        Shell.run(manifest, List.of("kubectl", "-n", world.namespace, "create", "-f", "-"));

    r.refused(word);
    assertThat(ADMIN.get(world.namespace, "vm", name)).isEmpty();
  }

  @Test
  void nobody_writes_a_status_or_chooses_a_node_by_it() {
    Vm vm = world.apply(vm("status", "1", "16Mi", "powerState: PoweredOff, interfaces: []"));
    vm.awaitPhase("Stopped");

    ADMIN
        .run(
            "-n",
            world.namespace,
            "patch",
            "vm",
            "status",
            "--subresource=status",
            "--type=merge",
            "-p",
            "{\"status\":{\"nodeName\":\"node1\",\"epoch\":1}}")
        .refused("written by Lodge alone; change spec instead");

    assertThat(vm.node()).isEmpty();
  }

  @Test
  void what_only_the_node_can_see_is_said_by_its_agent() {
    Vm link =
        world.apply(tiny("link", disk("{hostResourceRef: {name: bad-directory, path: link}}")));
    Vm device = world.apply(tiny("device", disk("{hostResourceRef: {name: bad-device}}")));

    told(link, "symbolic link; name the file that it points to");
    told(device, "/dev/null) is neither a file nor a block device; name a regular file");
    assertThat(link.qemus(World.nodes()) + device.qemus(World.nodes())).isZero();
  }

  @Test
  void what_other_objects_forbid_is_said_by_the_operator() {
    Vm foreign =
        world.apply(tiny("foreign", disk("{hostResourceRef: {name: bad-foreign, path: a}}")));
    Vm claim = world.apply(tiny("claim", disk("{claimRef: {name: nowhere}}")));

    told(foreign, "may not be used from namespace " + world.namespace);
    told(claim, "there is no PersistentVolumeClaim 'nowhere'");
    assertThat(foreign.slots()).isEmpty();
    assertThat(claim.slots()).isEmpty();
  }

  @Test
  void two_vms_with_one_mac_on_a_network_do_not_both_run() {
    String nic = "interfaces: [{name: a, mac: \"52:54:00:00:0e:01\"}]";
    Vm a = world.apply(tiny("mac-a", nic));
    Vm b = world.apply(tiny("mac-b", nic));

    Await.until(
        "one of them told",
        Vm.SOON,
        () -> Stream.of(a, b).anyMatch(BadInputE2E::macInUse),
        () -> a.story() + b.story());
    assertThat(Stream.of(a, b).filter(BadInputE2E::macInUse)).hasSize(1);
  }

  private static boolean macInUse(Vm vm) {
    return vm.condition("Ready")
        .path("message")
        .asText()
        .contains("52:54:00:00:0e:01 is that of VM");
  }

  private static void told(Vm vm, String word) {
    Await.until(
        vm + " told: " + word,
        Vm.SOON,
        () -> vm.condition("Ready").path("message").asText().contains(word),
        vm::story);
    assertThat(vm.condition("Ready").path("status").asText()).isEqualTo("False");
  }

  private static Arguments bad(String name, String more, String word) {
    return Arguments.of(name, vm(name, "1", "16Mi", more), word);
  }

  private static String disk(String source) {
    return "disks: [{name: d, source: " + source + "}]";
  }

  private static String tiny(String name, String more) {
    String nic = more.startsWith("interfaces") ? more : "interfaces: []\n" + more;
    return World.tiny(name, nic);
  }

  private static String vm(String name, String cpus, String memory, String more) {
    return """
        apiVersion: lodge.dev/v1alpha1
        kind: VirtualMachine
        metadata: {name: %s}
        spec: {cpu: {count: %s}, memory: {size: %s}%s}
        """
        .formatted(name, cpus, memory, more.isEmpty() ? "" : ", " + more);
  }
}
