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
    value = "self.spec == oldSelf.spec",
    message = "spec: cannot change; a disk is let go and claimed anew")
public class VmDiskClaim extends CustomResource<VmDiskClaimSpec, Void> {}
