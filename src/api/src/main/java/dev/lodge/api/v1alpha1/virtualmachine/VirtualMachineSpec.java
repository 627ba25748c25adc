package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.change.Change;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a user wishes of a VM. Nothing here is ever written by Lodge; absent fields have the
 * defaults that their descriptions name.
 */
@JsonClassDescription(
    "What the VM shall be. Absent fields have the defaults that their descriptions name.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(value = Schemas.class, input = "disks=name;interfaces=name")
@ValidationRule(
    value =
        "(has(self.machine) && has(self.machine.type) && self.machine.type == 'pc') || !has(self.disks) || !self.disks.exists(d, has(d.bus) && d.bus == 'IDE')",
    message =
        "disks[].bus: IDE does not exist on machine.type q35 (the default); use SATA, or set machine.type: pc")
@ValidationRule(
    value =
        "!(has(self.machine) && has(self.machine.type) && self.machine.type == 'pc') || !has(self.disks) || !self.disks.exists(d, has(d.bus) && d.bus == 'SATA')",
    message = "disks[].bus: SATA is not on machine.type pc; use IDE, or machine.type q35")
@ValidationRule(
    value =
        "(has(self.disks) ? self.disks.filter(d, has(d.bootOrder)).map(d, d.bootOrder) : []).all(o, (has(self.interfaces) ? self.interfaces.filter(i, has(i.bootOrder)).map(i, i.bootOrder) : []).all(p, p != o))",
    message = "bootOrder: a disk and an interface have the same number; give each its own")
@ValidationRule(
    value =
        "!has(self.disks) || self.disks.filter(d, has(d.bootOrder)).all(d, self.disks.filter(e, has(e.bootOrder) && e.bootOrder == d.bootOrder).size() == 1)",
    message = "disks[].bootOrder: two disks have the same number; give each its own")
@ValidationRule(
    value =
        "!has(self.interfaces) || self.interfaces.filter(i, has(i.bootOrder)).all(i, self.interfaces.filter(j, has(j.bootOrder) && j.bootOrder == i.bootOrder).size() == 1)",
    message = "interfaces[].bootOrder: two interfaces have the same number; give each its own")
@ValidationRule(
    value =
        "!has(self.interfaces) || self.interfaces.filter(i, has(i.mac)).all(i, self.interfaces.filter(j, has(j.mac) && j.mac == i.mac).size() == 1)",
    message = "interfaces[].mac: two interfaces have the same address; give each its own")
@ValidationRule(
    value = "!has(self.disks) || self.disks.filter(d, has(d.bus) && d.bus == 'IDE').size() <= 4",
    message = "disks[].bus: at most 4 disks fit on IDE; use Virtio or SCSI for the rest")
@ValidationRule(
    value = "!has(self.disks) || self.disks.filter(d, has(d.bus) && d.bus == 'SATA').size() <= 6",
    message = "disks[].bus: at most 6 disks fit on SATA; use Virtio or SCSI for the rest")
@ValidationRule(
    value =
        "self.cpu.count == 1 || !has(self.machine) || !has(self.machine.features) || !has(self.machine.features.apic) || self.machine.features.apic != 'Disabled'",
    message =
        "machine.features.apic: more than one CPU needs it; leave apic out, or set cpu.count: 1")
@ValidationRule(
    value =
        "!has(self.hypervisor) || self.hypervisor != 'QEMU' || !has(self.cpu.model) || self.cpu.model != 'HostPassthrough'",
    message =
        "cpu.model: HostPassthrough needs hypervisor KVM; leave cpu.model out, or set hypervisor: KVM")
public record VirtualMachineSpec(
    @Nullable
        @Change(Cost.LIVE)
        @JsonPropertyDescription("Whether the VM should run: PoweredOn (default) or PoweredOff.")
        PowerState powerState,
    @Nullable
        @Change(Cost.LIVE)
        @JsonPropertyDescription(
            "What to do when the guest ends by itself: OnFailure (default) restarts it after a crash, Always after any end, Never not at all.")
        RestartPolicy restartPolicy,
    @Nullable
        @Change(Cost.NEXT_BOOT)
        @JsonPropertyDescription(
            "KVM, QEMU (emulation, slow) or Auto (default): KVM where it works, else emulation, which the condition Accelerated says.")
        HypervisorType hypervisor,
    @Nullable @Change(Cost.NEXT_BOOT) @JsonPropertyDescription("The machine that the guest sees.")
        Machine machine,
    @Required @Change(Cost.NEXT_BOOT) @JsonPropertyDescription("Virtual CPUs.") Cpu cpu,
    @Required @Change(Cost.NEXT_BOOT) @JsonPropertyDescription("Memory of the guest.")
        Memory memory,
    @Nullable
        @Change(Cost.NEXT_BOOT)
        @JsonPropertyDescription("Firmware, identity and direct kernel boot.")
        Firmware firmware,
    @Nullable
        @Size(max = 64)
        @Change(Cost.NEXT_BOOT)
        @JsonPropertyDescription("Disks and CD-ROMs, in the order of their names in the guest.")
        List<Disk> disks,
    @Nullable
        @Size(max = 16)
        @Change(Cost.NEXT_BOOT)
        @JsonPropertyDescription(
            "Network interfaces. Absent: one on the network 'default'; []: none.")
        List<Interface> interfaces,
    @Nullable
        @Change(Cost.NEXT_BOOT)
        @JsonPropertyDescription("Text consoles. Absent: a serial one and a virtio one (hvc0).")
        Consoles consoles,
    @Nullable
        @Change(Cost.NEXT_BOOT)
        @JsonPropertyDescription("A screen; default: VNC on a private socket.")
        Graphics graphics,
    @Nullable
        @Change(Cost.NEXT_BOOT)
        @JsonPropertyDescription("Small devices that most guests want.")
        Devices devices,
    @Nullable
        @Change(Cost.NEXT_BOOT)
        @JsonPropertyDescription("cloud-init data, handed over on a NoCloud CD-ROM.")
        CloudInit cloudInit,
    @Nullable @Change(Cost.LIVE) @JsonPropertyDescription("How the VM is stopped.") Stop stop,
    @Nullable
        @Change(Cost.LIVE)
        @JsonPropertyDescription(
            "Where the VM may run, as in a pod's spec; counts when it is placed the next time.")
        Placement placement,
    @Nullable
        @Change(Cost.LIVE)
        @JsonPropertyDescription(
            "When the VM's node is lost: Fenced (default) starts it elsewhere once there is proof that the node is dead; Stay never does.")
        OnNodeLoss onNodeLoss,
    @Nullable
        @Change(Cost.LIVE)
        @JsonPropertyDescription(
            "When the VM's node is drained: Stop (default) stops it and starts it elsewhere; Block keeps the drain waiting; Migrate acts as Stop until live migration is there.")
        OnDrain onDrain) {

  /** The wish to run. */
  public enum PowerState {
    PoweredOn,
    PoweredOff
  }

  /** What follows when the guest ends by itself. */
  public enum RestartPolicy {
    OnFailure,
    Always,
    Never
  }

  /** What follows when the node is lost. */
  public enum OnNodeLoss {
    Fenced,
    Stay
  }

  /** What a drain of the node does. */
  public enum OnDrain {
    Migrate,
    Stop,
    Block
  }

  /** How the guest is executed. */
  public enum HypervisorType {
    Auto,
    KVM,
    QEMU
  }
}
