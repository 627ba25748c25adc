package dev.lodge.agent.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lodge.agent.hostfile.QemuUser;
import dev.lodge.agent.hostfile.Tool;
import dev.lodge.agent.image.Trees;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.api.v1alpha1.virtualmachine.CloudInit;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.domain.machine.DomainNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The CD-ROM of cloud-init's NoCloud data source. The instance-id is the VM's UID, so a guest runs
 * its first-boot modules once in its life; changed data reach it at the next start, for what
 * cloud-init does at every boot.
 */
final class SeedIso {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String FIELD = "cloudInit";
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final VmDirectory vm;
  private final QemuUser user;

  SeedIso(VmDirectory vm, QemuUser user) {
    this.vm = vm;
    this.user = user;
  }

  /** Makes it, unless it is there with this content; returns its path. */
  Path ensure(String uid, String hostName, CloudInit data) throws StorageException, IOException {
    String userData = Objects.requireNonNullElse(data.userData(), "#cloud-config\n");
    String metaData = "instance-id: " + uid + "\nlocal-hostname: " + hostName + "\n";
    String key =
        DomainNames.hash(
            String.join("\0", metaData, userData, String.valueOf(data.networkData())), 64);
    if (Files.exists(vm.seed()) && key.equals(keyOfTheOneThere())) {
      return vm.seed();
    }
    Path work = vm.root().resolve(".seed.new");
    Trees.delete(work);
    Path files = Trees.make(work.resolve("files"), Trees.PRIVATE);
    Files.setPosixFilePermissions(work, Trees.PRIVATE);
    try {
      write(files.resolve("meta-data"), metaData);
      write(files.resolve("user-data"), userData);
      if (data.networkData() != null) {
        write(files.resolve("network-config"), data.networkData());
      }
      Path image = work.resolve("seed.iso");
      Tool.run(
          "making the CD-ROM",
          command(image, files),
          Map.of("SOURCE_DATE_EPOCH", String.valueOf(EPOCH.getEpochSecond())),
          work.resolve("words"),
          LIMIT);
      // The user data may hold secrets: only QEMU and root read it.
      Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r-----"));
      user.give(image);
      Files.deleteIfExists(keyFile());
      Files.move(image, vm.seed(), StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.write(keyFile(), key.getBytes(UTF_8));
      return vm.seed();
    } finally {
      Trees.delete(work);
    }
  }

  /** Takes it away, where the spec has no cloudInit any more. */
  void remove() throws IOException {
    if (Files.deleteIfExists(vm.seed())) {
      Files.deleteIfExists(keyFile());
    }
  }

  private Path keyFile() {
    return vm.root().resolve("seed.sha256");
  }

  private String keyOfTheOneThere() throws IOException {
    return Files.exists(keyFile()) ? Files.readString(keyFile()) : "";
  }

  private static void write(Path file, String content) throws IOException {
    Files.writeString(file, content);
  }

  private static List<String> command(Path image, Path files) throws StorageException {
    Path program =
        Tool.find("xorrisofs", "genisoimage", "mkisofs", "xorriso")
            .orElseThrow(
                () ->
                    new StorageException(
                        Reason.Unsupported,
                        FIELD,
                        "this host has no program to make a CD-ROM image; install package xorriso"));
    List<String> command = new ArrayList<>(List.of(program.toString()));
    boolean plain = program.endsWith("xorriso");
    if (plain) {
      // The one program behind the name xorrisofs, which an image of few files has not got.
      command.addAll(List.of("-as", "mkisofs"));
    }
    command.addAll(List.of("-quiet", "-output", image.toString()));
    if (plain || program.endsWith("xorrisofs")) {
      // The same data give the same bytes.
      command.addAll(List.of("--set_all_file_dates", "=" + EPOCH.getEpochSecond()));
    }
    command.addAll(List.of("-volid", "cidata", "-joliet", "-rational-rock", files.toString()));
    return command;
  }
}
