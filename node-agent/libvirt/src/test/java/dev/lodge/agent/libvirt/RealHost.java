package dev.lodge.agent.libvirt;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachineFiles;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import dev.lodge.testkit.plan.Plans;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the tests with a real libvirt are given, and where their machines' files lie. */
record RealHost(String uri, String guests, Path files) implements AutoCloseable {

  /** Skips the test where there is no libvirt or no guest: {@code make test} always sets both. */
  static RealHost orSkip() throws IOException {
    String uri = variable("LODGE_TEST_LIBVIRT_URI");
    String guests = variable("LODGE_TEST_GUESTS");
    assumeTrue(uri != null, "LODGE_TEST_LIBVIRT_URI is not set");
    assumeTrue(guests != null, "LODGE_TEST_GUESTS is not set");
    Path files = Files.createTempDirectory("lodge-libvirt-it");
    open(files);
    return new RealHost(uri, guests, files);
  }

  /** QEMU, which is another user, must enter the directory. */
  static void open(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  static Virtualization virtualization() {
    return Files.exists(Path.of("/dev/kvm")) ? Virtualization.KVM : Virtualization.QEMU;
  }

  /** The tiny firmware guest; its directory is made. */
  Plans tiny(String name) {
    return Plans.tiny(name)
        .virtualization(virtualization())
        .rom(guests + "/tinyrom.bin")
        .files(machine(name));
  }

  /** The mini Linux guest; its directory is made. */
  Plans mini(String name) {
    return Plans.mini(name, guests).files(machine(name));
  }

  /** All that a console said so far. */
  static String said(MachinePlan plan) {
    DevicePlan.Console console = plan.devices(DevicePlan.Console.class).getFirst();
    try {
      return Files.readString(Path.of(console.log()), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /** Removes the machines' files. */
  @Override
  public void close() throws IOException {
    try (Stream<Path> all = Files.walk(files)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(p);
      }
    }
  }

  private String machine(String name) {
    Path dir = files.resolve(name);
    try {
      Files.createDirectories(dir);
      open(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new MachineFiles(dir.toString()).directory();
  }

  private static @Nullable String variable(String name) {
    String value = System.getenv(name);
    return value == null || value.isBlank() ? null : value;
  }
}
