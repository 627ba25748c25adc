package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What arrives through the slot pod: the guest itself reads and writes it. */
class VolumesE2E {
  private static final Kubectl ADMIN = Kubectl.admin();
  private static final Duration BOOTED = Vm.SOON.multipliedBy(3);
  private static final Path OUTSIDE =
      Path.of("/var/lib/lodge-demo/e2e-" + System.getenv("LODGE_E2E") + "-volumes");

  /** Says what stands at the start of each disk, then writes there, and says that it is written. */
  private static final String USER_DATA =
      """
      #!/bin/sh
      . /etc/lib.sh
      for disk in vda vdb vdc; do
        announce "$disk HOLDS $(head -c 16 /dev/$disk | tr -d '\\0')"
        printf "$disk of the guest" | dd of=/dev/$disk bs=512 seek=1 conv=notrunc,fsync
      done
      announce WRITTEN
      """;

  private World world;
  private String loop = "";

  @BeforeEach
  void world() throws IOException {
    world = World.of("volumes");
    Files.createDirectories(OUTSIDE.resolve("files"));
    for (String name : List.of("files/disk.img", "block.img")) {
      Path image = OUTSIDE.resolve(name);
      Shell.run("truncate", "-s", "4M", image.toString()).ok();
      Files.write(image, new byte[0]);
      Files.writeString(image, name.startsWith("block") ? "a block volume" : "a file volume");
      Shell.run("truncate", "-s", "4M", image.toString()).ok();
    }
    loop = Shell.run("losetup", "-f", "--show", OUTSIDE + "/block.img").ok().out().strip();
  }

  @AfterEach
  void away() {
    if (world == null) {
      return;
    }
    world.close();
    for (String mode : List.of("filesystem", "block")) {
      ADMIN.run("delete", "pv", world.namespace + "-" + mode, "--ignore-not-found").ok();
    }
    if (!loop.isEmpty()) {
      Shell.run("losetup", "-d", loop).ok();
    }
    Shell.run("rm", "-rf", OUTSIDE.toString()).ok();
  }

  @Test
  void
      claims_a_container_disk_and_a_secret_arrive_in_the_guest_and_what_it_writes_in_the_volumes() {
    volume("filesystem", "Filesystem", OUTSIDE + "/files");
    volume("block", "Block", loop);
    userData("Secret", "stringData");
    ADMIN
        .apply(
            """
            apiVersion: lodge.dev/v1alpha1
            kind: VmImage
            metadata: {name: packed, namespace: %s}
            spec: {source: {registry: {reference: "lodge.local/container-disk:e2e"}}}
            """
                .formatted(world.namespace))
        .ok();
    Vm vm =
        world.apply(
            World.mini(
                "volumes",
                """
                interfaces: []
                disks:
                - {name: files, source: {claimRef: {name: filesystem}}}
                - {name: block, source: {claimRef: {name: block}}}
                - {name: packed, source: {imageRef: {name: packed}}}
                cloudInit: {userDataSecretRef: {name: seed}}
                """));

    vm.awaitPhase("Running", BOOTED);
    Await.until("what the guest says", BOOTED, () -> console(vm).contains("WRITTEN"), vm::story);
    assertThat(console(vm))
        .contains(
            "vda HOLDS a file volume", "vdb HOLDS a block volume", "vdc HOLDS a container disk");
    assertThat(written(OUTSIDE + "/files/disk.img")).isEqualTo("vda of the guest");
    assertThat(written(loop)).isEqualTo("vdb of the guest");
    assertThat(
            ADMIN.list("", "vmdiskclaims").stream()
                .map(c -> c.at("/spec/holder"))
                .filter(h -> h.path("uid").asText().equals(vm.uid()))
                .map(h -> h.path("disk").asText()))
        .as("each claim has its one writer")
        .containsExactlyInAnyOrder("files", "block");

    vm.power(false).awaitPhase("Stopped");
    vm.power(true).awaitPhase("Running", BOOTED);
    Await.until(
        "what it wrote, after a start anew",
        BOOTED,
        () -> console(vm).contains("WRITTEN"),
        vm::story);
    assertThat(written(loop)).isEqualTo("vdb of the guest");
    vm.delete();
    vm.awaitGone();
    assertThat(written(OUTSIDE + "/files/disk.img")).isEqualTo("vda of the guest");
  }

  @Test
  void user_data_arrive_from_a_config_map() {
    userData("ConfigMap", "data");
    Vm vm =
        world.apply(
            World.mini(
                "mapped", "interfaces: []\ncloudInit: {userDataConfigMapRef: {name: seed}}"));

    vm.awaitPhase("Running", BOOTED);
    Await.until("what the guest says", BOOTED, () -> console(vm).contains("WRITTEN"), vm::story);
  }

  private void userData(String kind, String member) {
    ADMIN
        .apply(
            """
            apiVersion: v1
            kind: %s
            metadata: {name: seed, namespace: %s}
            %s:
              userData: |
            %s
            """
                .formatted(kind, world.namespace, member, USER_DATA.indent(4)))
        .ok();
  }

  /** A claim that is bound to a volume of this machine, which all nodes see. */
  private void volume(String claim, String mode, String path) {
    String name = world.namespace + "-" + claim;
    ADMIN
        .apply(
            """
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: %1$s}
            spec:
              capacity: {storage: 4Mi}
              accessModes: [ReadWriteOnce]
              volumeMode: %2$s
              persistentVolumeReclaimPolicy: Retain
              storageClassName: ""
              claimRef: {namespace: %4$s, name: %5$s}
              local: {path: %3$s}
              nodeAffinity:
                required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: Exists}]}]}
            ---
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: %5$s, namespace: %4$s}
            spec:
              accessModes: [ReadWriteOnce]
              volumeMode: %2$s
              storageClassName: ""
              volumeName: %1$s
              resources: {requests: {storage: 4Mi}}
            """
                .formatted(name, mode, path, world.namespace, claim))
        .ok();
  }

  private static String written(String path) {
    byte[] bytes =
        Shell.run("dd", "if=" + path, "bs=512", "skip=1", "count=1", "status=none")
            .ok()
            .out()
            .getBytes(StandardCharsets.UTF_8);
    return new String(bytes, StandardCharsets.UTF_8).replace("\0", "");
  }

  private static String console(Vm vm) {
    return Bed.node(vm.node(), "cat", "/var/lib/lodge/vms/" + vm.uid() + "/virtio0.log").out();
  }
}
