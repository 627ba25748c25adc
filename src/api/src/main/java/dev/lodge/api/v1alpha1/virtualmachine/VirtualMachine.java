package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.lodge.api.ResourceKind;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A virtual machine: wish and state in one object. */
@JsonClassDescription("A virtual machine: wish and state in one object.")
@Group(ResourceKind.GROUP)
@Version(ResourceKind.VERSION)
@ShortNames("vm")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Node", jsonPath = ".status.nodeName")
@AdditionalPrinterColumn(name = "IP", jsonPath = ".status.interfaces[0].ips[0]")
@AdditionalPrinterColumn(
    name = "CPU",
    jsonPath = ".spec.cpu.count",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Memory", jsonPath = ".spec.memory.size")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    priority = 1)
@AdditionalPrinterColumn(
    name = "Image",
    jsonPath = ".spec.disks[0].source.imageRef.name",
    priority = 1)
@AdditionalPrinterColumn(
    name = "Restart",
    jsonPath = ".status.conditions[?(@.type==\"RestartRequired\")].status",
    priority = 1)
@AdditionalSelectableField(jsonPath = ".status.nodeName")
@AdditionalSelectableField(jsonPath = ".status.migration.targetNode")
@ValidationRule(
    value = "size(self.metadata.name) <= 63",
    message = "metadata.name: at most 63 characters")
@ValidationRule(
    value = "!has(oldSelf.status) || has(self.status)",
    message = "status: once there, it stays")
@ValidationRule(
    value =
        "!has(oldSelf.status) || !has(oldSelf.status.epoch) || (has(self.status.epoch) && self.status.epoch >= oldSelf.status.epoch)",
    message = "status.epoch: never goes back")
@ValidationRule(
    value =
        "!has(oldSelf.status) || !has(oldSelf.status.nodeName) || (has(self.status.nodeName) && (self.status.nodeName == oldSelf.status.nodeName || self.status.epoch == oldSelf.status.epoch + 1))",
    message = "status.nodeName: a new owner raises epoch by exactly one")
@ValidationRule(
    value =
        "(has(oldSelf.spec.firmware) && has(oldSelf.spec.firmware.uuid)) == (has(self.spec.firmware) && has(self.spec.firmware.uuid)) && (!has(oldSelf.spec.firmware) || !has(oldSelf.spec.firmware.uuid) || self.spec.firmware.uuid == oldSelf.spec.firmware.uuid)",
    message = "firmware.uuid: cannot change; make a new VM")
@ValidationRule(
    value =
        "(has(self.spec.machine) && has(self.spec.machine.arch) ? self.spec.machine.arch : 'x86_64') == (has(oldSelf.spec.machine) && has(oldSelf.spec.machine.arch) ? oldSelf.spec.machine.arch : 'x86_64')",
    message = "machine.arch: cannot change; make a new VM")
public class VirtualMachine extends CustomResource<VirtualMachineSpec, VirtualMachineStatus>
    implements Namespaced {}
