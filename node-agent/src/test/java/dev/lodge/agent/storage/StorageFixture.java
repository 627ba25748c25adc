package dev.lodge.agent.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.hostfile.QemuUser;
import dev.lodge.agent.hostfile.References;
import dev.lodge.agent.hostfile.TestObjects;
import dev.lodge.agent.hostfile.Tool;
import dev.lodge.agent.image.ImageLimits;
import dev.lodge.agent.image.ImageStore;
import dev.lodge.agent.image.Trees;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A host with a state directory, objects to refer to, and a directory of files. */
final class StorageFixture implements AutoCloseable {
  static final String UID = "0b5c3c6e-0000-4000-8000-000000000001";

  final TestObjects objects = new TestObjects();
  final Set<String> ready = Collections.synchronizedSet(new LinkedHashSet<>());
  final Path state;
  final Path files;
  final ImageStore images;
  final DiskProvisioner provisioner;

  StorageFixture(Path temp) throws IOException {
    // JUnit's directories are private, and QEMU's user must get in.
    Files.setPosixFilePermissions(temp, Trees.ENTER);
    state = temp.resolve("state");
    files = Files.createDirectories(temp.resolve("files"));
    objects.resource("files", "{'type':'Directory','path':'" + files + "'}");
    var references = new References(objects);
    images =
        new ImageStore(
            state.resolve("images"),
            references,
            new ImageLimits(
                64L << 40,
                1 << 20,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofHours(1),
                2),
            (_, _) -> {});
    provisioner = new DiskProvisioner(state, references, images, QemuUser.detect(), ready::add);
  }

  /** A file of the host that is an image too. */
  Path image(String name, String format, byte[] content) throws IOException {
    Path file = Files.write(files.resolve(name), content);
    objects.image(
        name,
        "{'source':{'hostResourceRef':{'name':'files','path':'"
            + name
            + "'}},'format':'"
            + format
            + "'}");
    return file;
  }

  /** A spec with these members; single quotes. */
  static VirtualMachineSpec spec(String members) {
    return LodgeJson.read(
        TestObjects.json("{'cpu':{'count':1},'memory':{'size':'64Mi'}," + members + "}"),
        VirtualMachineSpec.class);
  }

  static Disk disk(String members) {
    return LodgeJson.read(TestObjects.json("{'name':'d'," + members + "}"), Disk.class);
  }

  Preparation prepare(String members) {
    return provisioner.prepare(UID, "default", "vm1", spec(members));
  }

  /** Prepares until there is nothing to wait for. */
  Preparation.Prepared prepared(String members) throws InterruptedException {
    Preparation got = settled(members);
    assertThat(got)
        .as(() -> got instanceof Preparation.Failed f ? f.text() : got.toString())
        .isInstanceOf(Preparation.Prepared.class);
    return (Preparation.Prepared) got;
  }

  Preparation.Failed failed(String members) throws InterruptedException {
    Preparation got = settled(members);
    assertThat(got).isInstanceOf(Preparation.Failed.class);
    return (Preparation.Failed) got;
  }

  private Preparation settled(String members) throws InterruptedException {
    Instant deadline = Instant.now().plusSeconds(30);
    Preparation got = prepare(members);
    while (got instanceof Preparation.Waiting) {
      assertThat(Instant.now()).as(got.toString()).isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
      got = prepare(members);
    }
    return got;
  }

  /** Runs a program, which must succeed; returns its output. */
  static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(List.of(command) + ": " + output).isZero();
    return output;
  }

  static boolean installed(String program) {
    return Tool.find(program).isPresent();
  }

  @Override
  public void close() throws IOException {
    provisioner.release(UID);
    provisioner.close();
    images.close();
  }
}
