package dev.lodge.api.v1alpha1.vmhost;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.lodge.api.ResourceKind;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A node: what it can do, its agent, its boots. The agent makes it and writes its status. */
@JsonClassDescription("A node that runs VMs: what it can do, its agent and its boots.")
@Group(ResourceKind.GROUP)
@Version(ResourceKind.VERSION)
@ShortNames("vmhost")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
    name = "KVM",
    jsonPath = ".status.conditions[?(@.type==\"KvmUsable\")].status")
@AdditionalPrinterColumn(name = "Agent", jsonPath = ".status.agent.version")
@AdditionalPrinterColumn(
    name = "Boot",
    jsonPath = ".status.bootGeneration",
    type = AdditionalPrinterColumn.Type.INTEGER,
    priority = 1)
@AdditionalPrinterColumn(name = "QEMU", jsonPath = ".status.capabilities.qemuVersion", priority = 1)
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@ValidationRule(
    value = "!has(oldSelf.status) || has(self.status)",
    message = "status: once there, it stays")
@ValidationRule(
    value =
        "!has(oldSelf.status) || !has(oldSelf.status.machineID) || (has(self.status) && has(self.status.machineID) && self.status.machineID == oldSelf.status.machineID)",
    message =
        "status.machineID: cannot change; a second machine of this name must get another node name, or delete the VmHost once the first is gone for good")
@ValidationRule(
    value =
        "!has(oldSelf.status) || !has(oldSelf.status.bootID) || (has(self.status) && has(self.status.bootID) && (self.status.bootID == oldSelf.status.bootID ? self.status.bootGeneration == oldSelf.status.bootGeneration : self.status.bootGeneration == oldSelf.status.bootGeneration + 1))",
    message = "status.bootGeneration: rises by exactly one with each new bootID")
@ValidationRule(
    value =
        "!has(oldSelf.status) || !has(oldSelf.status.fencedThrough) || (has(self.status) && has(self.status.fencedThrough) && self.status.fencedThrough >= oldSelf.status.fencedThrough)",
    message = "status.fencedThrough: never goes back")
@ValidationRule(
    value =
        "!has(self.status) || !has(self.status.fencedThrough) || (has(self.status.bootGeneration) && self.status.fencedThrough <= self.status.bootGeneration)",
    message = "status.fencedThrough: at most the present bootGeneration")
public class VmHost extends CustomResource<VmHostSpec, VmHostStatus> {}
