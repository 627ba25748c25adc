package dev.lodge.domain.plan;

import static dev.lodge.domain.plan.PlanFixture.KVM;
import static dev.lodge.domain.plan.PlanFixture.NESTED;
import static dev.lodge.domain.plan.PlanFixture.WITHOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.domain.machine.BootPlan;
import dev.lodge.domain.machine.ClockPlan;
import dev.lodge.domain.machine.CpuPlan;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import org.junit.jupiter.api.Test;

class MachinePlannerTest {

  @Test
  void auto_takes_kvm_only_where_it_is_usable_and_says_why_not() {
    assertThat(KVM.plan("").virtualization()).isEqualTo(Virtualization.KVM);
    assertThat(KVM.remarks("")).isEmpty();
    assertThat(NESTED.plan("").virtualization()).isEqualTo(Virtualization.QEMU);
    assertThat(NESTED.remarks("")).singleElement().asString().contains("neither vmx nor svm");
  }

  @Test
  void kvm_that_is_asked_for_is_honoured_where_its_device_opens() {
    assertThat(NESTED.plan(",'hypervisor':'KVM'").virtualization()).isEqualTo(Virtualization.KVM);
    assertThat(WITHOUT.problems(",'hypervisor':'KVM'"))
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.path()).isEqualTo("hypervisor");
              assertThat(p.text()).contains("there is no /dev/kvm", "hypervisor: QEMU");
            });
  }

  @Test
  void an_architecture_that_the_host_has_only_emulated_is_emulated() {
    MachinePlan plan = KVM.plan(",'machine':{'arch':'i686'}");
    assertThat(plan.virtualization()).isEqualTo(Virtualization.QEMU);
    assertThat(plan.emulator()).isEqualTo("/usr/bin/qemu-system-i686");
  }

  @Test
  void the_cpu_is_the_hosts_own_or_all_that_emulation_gives() {
    assertThat(KVM.plan("").cpu().mode()).isEqualTo(CpuPlan.Mode.HOST_PASSTHROUGH);
    assertThat(NESTED.plan("").cpu().mode()).isEqualTo(CpuPlan.Mode.MAXIMUM);
    assertThat(NESTED.problems(",'cpu':{'count':1,'model':'HostPassthrough'}"))
        .singleElement()
        .satisfies(p -> assertThat(p.text()).startsWith("cpu.model: ").contains("needs KVM"));
  }

  @Test
  void a_model_that_the_host_lacks_is_refused_unless_nobody_checks() {
    String epyc = ",'cpu':{'count':1,'model':'EPYC'%s}";
    assertThat(KVM.problems(epyc.formatted("")))
        .singleElement()
        .satisfies(p -> assertThat(p.text()).contains("EPYC", "qemu64", "cpu.check: None"));
    assertThat(KVM.plan(epyc.formatted(",'check':'None'")).cpu().check()).isEqualTo("none");
    assertThat(NESTED.problems(epyc.formatted("")))
        .as("libvirt refuses it under emulation too")
        .singleElement()
        .satisfies(p -> assertThat(p.what()).isEqualTo("emulation lacks features of EPYC"));
    assertThat(NESTED.plan(epyc.formatted(",'check':'None'")).cpu().model()).isEqualTo("EPYC");
    assertThat(KVM.plan(epyc.formatted(",'features':[{'name':'x','policy':'Disable'}]")).cpu())
        .satisfies(
            c -> assertThat(c.features()).containsExactly(new CpuPlan.Feature("x", "disable")));
    assertThat(KVM.problems(",'cpu':{'count':1,'model':'epic'}"))
        .singleElement()
        .satisfies(p -> assertThat(p.mend()).contains("did you mean EPYC?"));
  }

  @Test
  void the_machine_type_is_resolved_at_the_first_start_and_kept() {
    MachinePlan first = KVM.plan("");
    assertThat(first.machineType()).isEqualTo("pc-q35-7.2");
    assertThat(KVM.plan(",'machine':{'type':'pc'}").machineType()).isEqualTo("pc-i440fx-7.2");
    var older = hardware("pc-q35-6.2");
    assertThat(KVM.pinnedTo(older).plan("").machineType()).isEqualTo("pc-q35-6.2");
    assertThat(KVM.pinnedTo(older).plan(",'machine':{'type':'pc'}").machineType())
        .as("another chipset is another machine")
        .isEqualTo("pc-i440fx-7.2");
    assertThat(KVM.pinnedTo(hardware("pc-q35-9.9")).problems(""))
        .singleElement()
        .satisfies(p -> assertThat(p.text()).contains("pc-q35-9.9", "pc-q35-7.2, pc-q35-6.2"));
  }

  @Test
  void the_uuid_is_the_users_else_the_pinned_one_else_the_uid() {
    assertThat(KVM.plan("").identity().uuid()).isEqualTo(PlanFixture.UID);
    String uuid = "11111111-2222-4333-8444-555555555555";
    assertThat(KVM.plan(",'firmware':{'uuid':'" + uuid + "'}").identity().uuid()).isEqualTo(uuid);
    MachinePlan first = KVM.plan(",'firmware':{'uuid':'" + uuid + "'}");
    assertThat(KVM.pinnedTo(new MachinePlanner().hardware(first)).plan("").identity().uuid())
        .isEqualTo(uuid);
    assertThat(first.identity().epoch()).isEqualTo(3);
    assertThat(first.identity().domainName()).isEqualTo("default_vm");
  }

  @Test
  void memory_is_rounded_up_to_kibibytes_and_emulation_gets_a_bounded_cache() {
    assertThat(KVM.plan("").memoryKib()).isEqualTo(1 << 20);
    assertThat(KVM.plan("").tcgCacheMib()).isZero();
    assertThat(NESTED.plan("").tcgCacheMib()).isEqualTo(256);
    assertThat(NESTED.plan(",'memory':{'size':'96Mi'}").tcgCacheMib()).isEqualTo(32);
    assertThat(NESTED.plan(",'memory':{'size':1048577}").memoryKib()).isEqualTo(1025);
  }

  @Test
  void firmware_is_bios_a_kernel_a_rom_or_uefi() {
    assertThat(KVM.plan("").boot()).isEqualTo(new BootPlan.Bios());
    assertThat(KVM.plan(",'firmware':{'type':'ROM'}").boot()).isEqualTo(new BootPlan.Rom("/rom"));
    assertThat(KVM.plan(",'firmware':{'kernel':{'kernelRef':{},'cmdline':'x'}}").boot())
        .isEqualTo(new BootPlan.Kernel("/k", null, "x"));
    assertThat(KVM.plan(",'firmware':{'kernel':{'kernelRef':{},'initrdRef':{}}}").boot())
        .isEqualTo(new BootPlan.Kernel("/k", "/i", null));
    assertThat(KVM.plan(",'firmware':{'type':'UEFI'}").boot())
        .isEqualTo(new BootPlan.Uefi("/fw/CODE.fd", "/fw/VARS.fd", "/vm/nvram.fd"));
  }

  @Test
  void uefi_needs_acpi_and_a_host_that_has_it() {
    assertThat(
            KVM.problems(",'firmware':{'type':'UEFI'},'machine':{'features':{'acpi':'Disabled'}}"))
        .extracting(Problem::path)
        .containsExactly("machine.features.acpi");
    assertThat(KVM.problems(",'firmware':{'type':'UEFI'},'machine':{'arch':'i686'}"))
        .singleElement()
        .satisfies(p -> assertThat(p.text()).startsWith("firmware.type: ").contains("ovmf"));
  }

  @Test
  void more_cpus_need_an_apic_and_a_machine_that_takes_them() {
    assertThat(KVM.problems(",'cpu':{'count':300}"))
        .extracting(Problem::path)
        .containsExactly("cpu.count");
    assertThat(KVM.problems(",'cpu':{'count':2},'machine':{'features':{'apic':'Disabled'}}"))
        .extracting(Problem::path)
        .containsExactly("machine.features.apic");
  }

  @Test
  void the_clock_shows_utc_local_time_or_a_zone() {
    assertThat(KVM.plan("").clock()).isEqualTo(new ClockPlan.Utc());
    assertThat(KVM.plan(",'machine':{'clock':'UTC'}").clock()).isEqualTo(new ClockPlan.Utc());
    assertThat(KVM.plan(",'machine':{'clock':'Localtime'}").clock())
        .isEqualTo(new ClockPlan.Localtime());
    assertThat(KVM.plan(",'machine':{'clock':'Europe/Berlin'}").clock())
        .isEqualTo(new ClockPlan.Zone("Europe/Berlin"));
  }

  @Test
  void a_machine_that_wants_nothing_has_next_to_nothing() {
    // Start time is the time of QEMU's answers about devices: a small guest starts fast.
    MachinePlan plan =
        KVM.plan(
            ",'machine':{'type':'pc'},'disks':[],'interfaces':[],'consoles':{'serial':{}},"
                + "'graphics':{'type':'None'},'devices':{'rng':'Disabled','balloon':'Disabled',"
                + "'guestAgent':'Disabled','watchdog':{'action':'None'}}");
    assertThat(plan.devices())
        .extracting(DevicePlan::name)
        .containsExactly(
            "controller/pci/0", "console/serial", "controller/usb/0", "balloon/0", "panic/0");
    assertThat(plan.devices(DevicePlan.Balloon.class).getFirst().present()).isFalse();
    assertThat(plan.devices(DevicePlan.Controller.class).getLast().model()).isEqualTo("none");
  }

  @Test
  void a_machine_of_which_little_is_said_has_what_most_guests_want() {
    assertThat(KVM.plan(",'disks':[{'name':'root','source':{}}]").devices())
        .extracting(DevicePlan::name)
        .filteredOn(n -> !n.startsWith("controller/pcie-root-port/"))
        .containsExactly(
            "controller/pci/0",
            "controller/sata/0",
            "interface/default",
            "disk/root",
            "console/serial",
            "console/virtio",
            "channel/guest-agent",
            "controller/virtio-serial/0",
            "controller/usb/0",
            "input/tablet",
            "graphics/vnc",
            "video/0",
            "rng/0",
            "balloon/0",
            "watchdog/0",
            "panic/0");
  }

  static Hardware hardware(String type) {
    return new Hardware(type, null, null, null);
  }
}
