package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.HostCapabilities.Kvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFactsTest {
  @TempDir Path dir;

  @Test
  void kvmIsUsableWhereTheDeviceOpensAndTheCpuReportsIt() throws IOException {
    Kvm kvm = HostFacts.kvm(device(), cpuinfo("fpu vme svm lm"));

    assertThat(kvm).extracting(Kvm::present, Kvm::usable).containsExactly(true, true);
    assertThat(kvm.why()).contains("svm");
  }

  @Test
  void nestedKvmIsPresentButNotUsable() throws IOException {
    Kvm kvm = HostFacts.kvm(device(), cpuinfo("fpu vme vmx_like lm"));

    assertThat(kvm).extracting(Kvm::present, Kvm::usable).containsExactly(true, false);
    assertThat(kvm.why()).contains("neither vmx nor svm");
  }

  @Test
  void withoutTheDeviceThereIsNoKvm() throws IOException {
    Kvm kvm = HostFacts.kvm(dir.resolve("absent"), cpuinfo("vmx"));

    assertThat(kvm).extracting(Kvm::present, Kvm::usable).containsExactly(false, false);
    assertThat(kvm.why()).contains("does not exist");
  }

  @Test
  void aDeviceThatDoesNotOpenIsNoKvm() throws IOException {
    Kvm kvm = HostFacts.kvm(Files.createDirectory(dir.resolve("kvm")), cpuinfo("vmx"));

    assertThat(kvm).extracting(Kvm::present, Kvm::usable).containsExactly(false, false);
    assertThat(kvm.why()).contains("does not open");
  }

  @Test
  void aDeviceForRootAloneIsNotUsableAndTheMendIsSaid() throws IOException {
    Path device = device();
    Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-------"));

    Kvm kvm = HostFacts.kvm(device, cpuinfo("vmx"));

    assertThat(kvm).extracting(Kvm::present, Kvm::usable).containsExactly(true, false);
    assertThat(kvm.why()).contains("chown root:kvm");
  }

  private Path device() throws IOException {
    Path device = Files.createFile(dir.resolve("kvm"));
    Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-rw-rw-"));
    return device;
  }

  private Path cpuinfo(String flags) throws IOException {
    return Files.writeString(
        dir.resolve("cpuinfo"), "processor\t: 0\nflags\t\t: " + flags + "\nbugs\t\t: none\n");
  }
}
