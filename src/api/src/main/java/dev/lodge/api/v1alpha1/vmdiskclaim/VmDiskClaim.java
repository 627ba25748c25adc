package dev.lodge.api.v1alpha1.vmdiskclaim;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.lodge.api.ResourceKind;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * The one writer of a disk that more than one VM could name; its name is the lock
 * (docs/design/ownership.md, R11). Made and deleted by the operator.
 */
@JsonClassDescription(
    "The one writer of a disk that more than one VM could name; its name is the lock.")
@Group(ResourceKind.GROUP)
@Version(ResourceKind.VERSION)
@ShortNames("vmclaim")
@AdditionalPrinterColumn(name = "Namespace", jsonPath = ".spec.holder.namespace")
@AdditionalPrinterColumn(name = "VM", jsonPath = ".spec.holder.name")
@AdditionalPrinterColumn(name = "Disk", jsonPath = ".spec.holder.disk")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@ValidationRule(
    value =
        "(has(self.spec.access) ? self.spec.access : 'Exclusive') == (has(oldSelf.spec.access) ? oldSelf.spec.access : 'Exclusive')",
    message = "spec.access: cannot change; a disk is let go and claimed anew")
@ValidationRule(
    value =
        "(has(self.spec.access) && self.spec.access == 'Shared') || (self.spec.holder.uid == oldSelf.spec.holder.uid && self.spec.holder.disk == oldSelf.spec.holder.disk && !has(self.spec.sharers))",
    message = "spec.holder: cannot change; a disk is let go and claimed anew")
@ValidationRule(
    value =
        "!has(oldSelf.spec.holder.epoch) || self.spec.holder.uid != oldSelf.spec.holder.uid || (has(self.spec.holder.epoch) && self.spec.holder.epoch >= oldSelf.spec.holder.epoch)",
    message = "spec.holder.epoch: never goes back")
public class VmDiskClaim extends CustomResource<VmDiskClaimSpec, Void> {}
