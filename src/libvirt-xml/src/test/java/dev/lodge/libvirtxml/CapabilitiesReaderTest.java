package dev.lodge.libvirtxml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.HostCapabilities.CpuModel;
import dev.lodge.domain.hypervisor.HostCapabilities.Guest;
import dev.lodge.domain.hypervisor.HostCapabilities.MachineType;
import dev.lodge.domain.hypervisor.HostCapabilities.Uefi;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CapabilitiesReaderTest {
  private static final TestHost HOST = TestHost.DEBIAN_12;

  @Test
  void each_architecture_and_way_of_execution_is_a_guest_kind() {
    List<Guest> guests =
        CapabilitiesReader.read(HOST.read("capabilities.xml"), HOST::domainCapabilities);
    assertThat(guests)
        .extracting(g -> g.arch() + " " + g.virtualization())
        .containsExactly("x86_64 KVM", "x86_64 QEMU", "i686 KVM", "i686 QEMU");
    Guest kvm = guests.getFirst();
    assertThat(kvm.emulator()).isEqualTo("/usr/bin/qemu-system-x86_64");
    assertThat(kvm.machines())
        .contains(
            new MachineType("q35", "pc-q35-7.2", 288),
            new MachineType("pc", "pc-i440fx-7.2", 255),
            new MachineType("pc-q35-6.2", "pc-q35-6.2", 288));
    assertThat(kvm.hostPassthrough()).isTrue();
    assertThat(guests.get(1).hostPassthrough()).isFalse();
    assertThat(guests.get(1).maximum()).isTrue();
    assertThat(kvm.uefi())
        .isEqualTo(new Uefi("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"));
  }

  @Test
  void usable_models_come_first_and_the_others_are_known() {
    Guest emulated =
        CapabilitiesReader.read(HOST.read("capabilities.xml"), HOST::domainCapabilities).get(1);
    assertThat(emulated.cpuModels())
        .startsWith(new CpuModel("486", true))
        .contains(new CpuModel("qemu64", true), new CpuModel("EPYC", false));
    assertThat(emulated.cpuModels().reversed().getFirst().usable()).isFalse();
  }

  @Test
  void what_the_host_cannot_do_is_left_out_and_asked_once() {
    List<String> asked = new ArrayList<>();
    List<Guest> guests =
        CapabilitiesReader.read(
            HOST.read("capabilities.xml"),
            (emulator, arch, machine, way) -> {
              asked.add(arch + " " + machine + " " + way);
              return way.equals("kvm")
                  ? Optional.empty()
                  : HOST.domainCapabilities(emulator, arch, machine, way);
            });
    assertThat(guests).extracting(Guest::virtualization).containsOnly("QEMU").hasSize(2);
    assertThat(asked)
        .containsExactly("x86_64 q35 kvm", "x86_64 q35 qemu", "i686 q35 kvm", "i686 q35 qemu");
  }

  @Test
  void a_way_of_execution_may_have_an_emulator_and_machines_of_its_own() {
    String capabilities =
        """
        <capabilities><guest><os_type>hvm</os_type><arch name='x86_64'>
          <emulator>/usr/bin/qemu</emulator><machine maxCpus='1'>pc</machine>
          <domain type='kvm'><emulator>/usr/libexec/qemu-kvm</emulator>
            <machine canonical='pc-q35-rhel9.4.0' maxCpus='710'>q35</machine></domain>
        </arch></guest></capabilities>
        """;
    String loaders =
        """
        <domainCapabilities><os><loader>
          <value>/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd</value>
          <value>/usr/share/edk2/ovmf/OVMF_CODE.fd</value>
        </loader></os></domainCapabilities>
        """;
    assertThat(CapabilitiesReader.read(capabilities, (e, a, m, w) -> Optional.of(loaders)))
        .containsExactly(
            new Guest(
                "x86_64",
                "KVM",
                "/usr/libexec/qemu-kvm",
                List.of(new MachineType("q35", "pc-q35-rhel9.4.0", 710)),
                List.of(),
                false,
                false,
                false,
                new Uefi(
                    "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd")));
  }
}
