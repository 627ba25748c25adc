package dev.lodge.domain.plan;

import static dev.lodge.domain.plan.PlanFixture.KVM;
import static dev.lodge.domain.plan.PlanFixture.disk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PinningTest {
  private static final MachinePlanner PLANNER = new MachinePlanner();

  @Test
  void what_was_started_is_kept_in_full() {
    MachinePlan plan = KVM.plan(",'disks':[{'name':'root','source':{}}]");
    Hardware hardware = PLANNER.hardware(plan);
    assertThat(hardware.machineType()).isEqualTo("pc-q35-7.2");
    assertThat(hardware.cpuModel()).isEqualTo("HostPassthrough");
    assertThat(hardware.uuid()).isEqualTo(PlanFixture.UID);
    assertThat(hardware.devices())
        .contains(
            new VirtualMachineStatus.DeviceAddress("disk/root", "pci:0000:02:00.0", "vda"),
            new VirtualMachineStatus.DeviceAddress("interface/default", "pci:0000:01:00.0", "lt1"),
            new VirtualMachineStatus.DeviceAddress("console/virtio", "virtio-serial:0:0:0", null))
        .hasSizeLessThanOrEqualTo(256);
    assertThat(KVM.pinnedTo(hardware).plan(",'disks':[{'name':'root','source':{}}]"))
        .isEqualTo(plan);
  }

  @Test
  void a_new_device_takes_a_free_place_and_never_that_of_another() {
    MachinePlan first = KVM.plan(",'disks':[{'name':'a','source':{}},{'name':'b','source':{}}]");
    MachinePlan second =
        KVM.pinnedTo(PLANNER.hardware(first))
            .plan(",'disks':[{'name':'new','source':{}},{'name':'b','source':{}}]");
    assertThat(disk(second, "b").address()).isEqualTo(disk(first, "b").address());
    assertThat(disk(second, "b").target()).isEqualTo("vdb");
    assertThat(disk(second, "new").address()).isEqualTo(disk(first, "a").address());
    assertThat(disk(second, "new").target()).isEqualTo("vda");
  }

  @Test
  void eight_root_ports_stay_free_and_none_ever_goes_away() {
    MachinePlan small = KVM.plan(",'interfaces':[]");
    assertThat(ports(small)).isEqualTo(pciDevices(small) + 8);
    MachinePlan big =
        KVM.pinnedTo(PLANNER.hardware(small))
            .plan(",'disks':[{'name':'a','source':{}},{'name':'b','source':{}}]");
    assertThat(ports(big)).isEqualTo(pciDevices(big) + 8);
    MachinePlan smallAgain = KVM.pinnedTo(PLANNER.hardware(big)).plan(",'interfaces':[]");
    assertThat(ports(smallAgain)).isEqualTo(ports(big));
  }

  @Test
  void a_pin_that_makes_no_sense_is_passed_over() {
    var hardware =
        new Hardware(
            "pc-q35-7.2",
            null,
            null,
            List.of(
                pin("disk/a", "pci:0000:00:01.0", "vda"),
                pin("disk/b", "gibberish", "../x"),
                pin("disk/c", "pci:0000:03:00.0", "vdc"),
                pin("disk/d", "pci:0000:03:00.0", "vdc"),
                pin("controller/pcie-root-port/99999999999", "pci:0000:00:02.0", null)));
    MachinePlan plan =
        KVM.pinnedTo(hardware)
            .plan(
                ",'disks':[{'name':'a','source':{}},{'name':'b','source':{}},"
                    + "{'name':'c','source':{}},{'name':'d','source':{}}]");
    assertThat(disk(plan, "a").address())
        .as("no place for a disk")
        .isNotEqualTo(new DeviceAddress.Pci(0, 0, 1, 0));
    assertThat(disk(plan, "b").target()).matches("vd[a-z]");
    assertThat(disk(plan, "c").address()).isEqualTo(new DeviceAddress.Pci(0, 3, 0, 0));
    assertThat(plan.devices(DevicePlan.Disk.class))
        .extracting(DevicePlan.Disk::target)
        .doesNotHaveDuplicates();
    assertThat(plan.devices(DevicePlan.Disk.class))
        .extracting(DevicePlan.Disk::address)
        .doesNotHaveDuplicates();
  }

  @Test
  void a_disk_that_moves_to_another_bus_gets_a_new_name_there() {
    MachinePlan first = KVM.plan(",'disks':[{'name':'a','source':{}}]");
    MachinePlan second =
        KVM.pinnedTo(PLANNER.hardware(first))
            .plan(",'disks':[{'name':'a','source':{},'bus':'SATA'}]");
    assertThat(disk(second, "a").target()).isEqualTo("sda");
    assertThat(disk(second, "a").address()).isEqualTo(new DeviceAddress.Drive(0, 0, 0, 0));
  }

  @Test
  void another_chipset_starts_afresh() {
    MachinePlan first = KVM.plan(",'disks':[{'name':'a','source':{}}]");
    MachinePlan second =
        KVM.pinnedTo(PLANNER.hardware(first))
            .plan(",'machine':{'type':'pc'},'disks':[{'name':'a','source':{}}]");
    assertThat(disk(second, "a").address()).isEqualTo(new DeviceAddress.Pci(0, 0, 4, 0));
  }

  private static VirtualMachineStatus.DeviceAddress pin(
      String name, String address, @Nullable String target) {
    return new VirtualMachineStatus.DeviceAddress(name, address, target);
  }

  private static long ports(MachinePlan plan) {
    return plan.devices(DevicePlan.Controller.class).stream()
        .filter(c -> DevicePlan.Controller.ROOT_PORT.equals(c.model()))
        .count();
  }

  private static long pciDevices(MachinePlan plan) {
    return plan.devices().stream()
        .filter(d -> d.address() instanceof DeviceAddress.Pci pci && pci.bus() > 0)
        .count();
  }
}
