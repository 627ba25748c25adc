package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import dev.lodge.api.v1alpha1.virtualmachine.Interface.LinkState;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a VM. docs/design/status.md says who writes which member. */
@JsonClassDescription("What is known of the VM; written by Lodge alone.")
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(
    value = Schemas.class,
    input =
        "slots=name;interfaces=name;disks=name;conditions=type;restartAwaitingChanges=path;operations=atomic;requests=atomic")
public record VirtualMachineStatus(
    @Nullable
        @Size(max = 32)
        @JsonPropertyDescription(
            "For people: Pending, Provisioning, Starting, Running, Paused, Stopping, Stopped, Failed, Unknown.")
        String phase,
    @Nullable @JsonPropertyDescription("The generation of the spec that this status answers.")
        Long observedGeneration,
    @Nullable @Size(max = 253) @JsonPropertyDescription("The node that owns the VM.")
        String nodeName,
    @Nullable @Min(0) @JsonPropertyDescription("Rises with every change of owner; never falls.")
        Long epoch,
    @Nullable @JsonPropertyDescription("How the owner came by the VM.") ClaimedBy claimedBy,
    @Nullable @Min(0) @JsonPropertyDescription("The owner's boot in which it claimed.")
        Long claimBootGeneration,
    @Nullable @Size(max = 64) @JsonPropertyDescription("The process that claimed.")
        String claimNonce,
    @Nullable @JsonPropertyDescription("The owner has let go: its QEMU is gone for good.")
        Boolean released,
    @Nullable
        @Size(max = 64)
        @JsonPropertyDescription(
            "Digest of the disks that are claimed for this epoch; a start that would open others waits for the next.")
        String claimedDisks,
    @Nullable @JsonPropertyDescription("A live migration under way.") Migration migration,
    @Nullable
        @Size(max = 8)
        @JsonPropertyDescription("The pods that hold the VM's place on a node.")
        List<Slot> slots,
    @Nullable @Size(max = 64) @JsonPropertyDescription("When the guest last started.")
        String startedAt,
    @Nullable @JsonPropertyDescription("What was pinned at the first start and stays.")
        Hardware hardware,
    @Nullable @Size(max = 16) @JsonPropertyDescription("Interfaces as they are.")
        List<InterfaceStatus> interfaces,
    @Nullable @Size(max = 65) @JsonPropertyDescription("Disks as they are.") List<DiskStatus> disks,
    @Nullable
        @Size(max = 64)
        @JsonPropertyDescription("Changes of the spec that wait for a restart.")
        List<AwaitingChange> restartAwaitingChanges,
    @Nullable @Size(max = 32) @JsonPropertyDescription("Conditions, each with its remedy.")
        List<Condition> conditions,
    @Nullable @Size(max = 16) @JsonPropertyDescription("Verbs asked for and not yet done.")
        List<Request> requests,
    @Nullable @Size(max = 10) @JsonPropertyDescription("The last ten verbs done.")
        List<Operation> operations) {

  /** Nothing known yet. */
  public static VirtualMachineStatus empty() {
    return new VirtualMachineStatus(
        null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
        null, null, null, null);
  }

  public enum ClaimedBy {
    Start,
    HandOver
  }

  /** Where the VM goes, and whether the other side is ready for it. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Migration(
      @Required @Size(min = 1, max = 253) @JsonPropertyDescription("The node it goes to.")
          String targetNode,
      @Nullable @JsonPropertyDescription("The target's agent is ready for it.") Boolean accepted,
      @Nullable @Min(0) @JsonPropertyDescription("The target's boot in which it accepted.")
          Long targetBootGeneration) {}

  /** A pod that holds the VM's place: its requests are the VM's. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Slot(
      @Required @Size(min = 1, max = 253) @JsonPropertyDescription("Name of the pod.") String name,
      @Required @Size(min = 1, max = 64) @JsonPropertyDescription("UID of the pod.") String uid,
      @Required @JsonPropertyDescription("Run, Attach or MigrationTarget.") SlotRole role,
      @Nullable @Size(max = 253) @JsonPropertyDescription("The node that the pod is bound to.")
          String nodeName,
      @Nullable @JsonPropertyDescription("The pod is being deleted: the VM is to leave this node.")
          Boolean leaving) {}

  /** What a slot is for. */
  public enum SlotRole {
    Run,
    Attach,
    MigrationTarget
  }

  /** What the guest's hardware is and stays, whatever QEMU is installed later. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(value = Schemas.class, input = "devices=name")
  public record Hardware(
      @Nullable
          @Size(max = 64)
          @JsonPropertyDescription("Machine type with its version, e.g. pc-q35-7.2.")
          String machineType,
      @Nullable
          @Size(max = 64)
          @JsonPropertyDescription("CPU model as resolved at the first start.")
          String cpuModel,
      @Nullable @Size(max = 36) @JsonPropertyDescription("UUID that the guest sees.") String uuid,
      @Nullable @Size(max = 256) @JsonPropertyDescription("Addresses of devices.")
          List<DeviceAddress> devices) {}

  /** Where a device sits, for good. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record DeviceAddress(
      @Required
          @Size(max = 128)
          @JsonPropertyDescription(
              "Our name of the device, e.g. disk/root, interface/lan, controller/pcie-root-port/3.")
          String name,
      @Nullable
          @Size(max = 64)
          @JsonPropertyDescription("Bus address: pci:0000:01:00.0, drive:0:0:1, usb:0:1.")
          String address,
      @Nullable @Size(max = 32) @JsonPropertyDescription("Target device, e.g. vda.")
          String target) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(value = Schemas.class, input = "ips=set")
  public record InterfaceStatus(
      @Required @Size(max = 63) @JsonPropertyDescription("Name in the spec.") String name,
      @Nullable @Size(max = 17) @JsonPropertyDescription("MAC address.") String mac,
      @Nullable @Size(max = 320) @JsonPropertyDescription("The network: namespace/name.")
          String network,
      @Nullable @Size(max = 16) @JsonPropertyDescription("Addresses.")
          List<@Size(max = 64) String> ips,
      @Nullable
          @Size(max = 32)
          @JsonPropertyDescription("Where the addresses are known from: Given, Lease.")
          String source,
      @Nullable @Size(max = 16) @JsonPropertyDescription("Host side device.") String target,
      @Nullable @JsonPropertyDescription("Up or Down.") LinkState linkState) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record DiskStatus(
      @Required @Size(max = 63) @JsonPropertyDescription("Name in the spec.") String name,
      @Nullable @Size(max = 32) @JsonPropertyDescription("Target device, e.g. vda.") String target,
      @Nullable @Size(max = 2048) @JsonPropertyDescription("What it is, for people.") String source,
      @Nullable
          @Size(max = 32)
          @JsonPropertyDescription(
              "Size in the guest: exact, e.g. 20Gi, or bytes without a unit where no unit leaves no rest.")
          String size,
      @Nullable @Size(max = 16) @JsonPropertyDescription("Raw or QCOW2.") String format,
      @Nullable
          @Size(max = 80)
          @JsonPropertyDescription("Digest of the image that it was made from.")
          String imageDigest) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record AwaitingChange(
      @Required
          @Size(max = 256)
          @JsonPropertyDescription("The field, e.g. memory.size or disks[root].cache.")
          String path,
      @Nullable @Size(max = 1024) @JsonPropertyDescription("As the guest has it now.")
          String current,
      @Nullable @Size(max = 1024) @JsonPropertyDescription("As the spec wants it.")
          String desired) {}

  /** A verb that somebody asked for. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Request(
      @Required @Size(max = 64) @JsonPropertyDescription("Unique.") String id,
      @Required
          @Size(max = 32)
          @JsonPropertyDescription("Start, Stop, Restart, Reset, Pause, Resume.")
          String verb,
      @Nullable @JsonPropertyDescription("Without asking the guest first.") Boolean force,
      @Nullable @Size(max = 253) @JsonPropertyDescription("Who asked.") String user,
      @Required @Size(max = 64) @JsonPropertyDescription("When.") String time,
      @Nullable
          @JsonPropertyDescription(
              "The epoch of the guest that was running then; a restart is done once another one runs.")
          Long epoch) {}

  /** A verb that was done, or not. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Operation(
      @Required @Size(max = 64) @JsonPropertyDescription("The request's id.") String id,
      @Required @Size(max = 32) @JsonPropertyDescription("The verb.") String verb,
      @Nullable @Size(max = 253) @JsonPropertyDescription("Who asked.") String user,
      @Required @Size(max = 64) @JsonPropertyDescription("When it was done.") String time,
      @Required @Size(max = 16) @JsonPropertyDescription("Succeeded or Failed.") String result,
      @Nullable @Size(max = 1024) @JsonPropertyDescription("Why it failed.") String message) {}
}
