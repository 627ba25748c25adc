package dev.lodge.libvirtxml;

import dev.lodge.domain.hypervisor.HostCapabilities;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A host as its libvirt described it; the answers of real ones are kept in {@code src/test/hosts}.
 */
record TestHost(Path folder) {
  static final TestHost DEBIAN_12 = new TestHost(Path.of("src/test/hosts/debian-12"));

  HostCapabilities capabilities(HostCapabilities.Kvm kvm) {
    return new HostCapabilities(
        "node-a",
        "00000000-0000-4000-8000-000000000001",
        7432404,
        2,
        "9.0.0",
        "7.2.22",
        kvm,
        CapabilitiesReader.read(read("capabilities.xml"), this::domainCapabilities));
  }

  /** KVM as on bare metal. */
  HostCapabilities withKvm() {
    return capabilities(new HostCapabilities.Kvm(true, true, "/dev/kvm opens and the CPU has svm"));
  }

  /** KVM that opens on a CPU that reports neither vmx nor svm. */
  HostCapabilities nested() {
    return capabilities(
        new HostCapabilities.Kvm(true, false, "the CPU reports neither vmx nor svm"));
  }

  Optional<String> domainCapabilities(
      String emulator, String arch, String machine, String virtType) {
    return Optional.of(read(arch + "-" + virtType + ".xml"));
  }

  String read(String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
