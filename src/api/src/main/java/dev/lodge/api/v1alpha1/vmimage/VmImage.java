package dev.lodge.api.v1alpha1.vmimage;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.lodge.api.ResourceKind;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A disk image, ISO, kernel or initial RAM disk. */
@JsonClassDescription(
    "A disk image, ISO, kernel or initial RAM disk, imported once per node on demand.")
@Group(ResourceKind.GROUP)
@Version(ResourceKind.VERSION)
@ShortNames("vmimg")
@AdditionalPrinterColumn(name = "Format", jsonPath = ".status.format")
@AdditionalPrinterColumn(name = "Size", jsonPath = ".status.virtualSize")
@AdditionalPrinterColumn(name = "State", jsonPath = ".status.hosts[0].state")
@AdditionalPrinterColumn(
    name = "Progress",
    jsonPath = ".status.hosts[0].progress",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Digest", jsonPath = ".status.digest", priority = 1)
@ValidationRule(
    value = "size(self.metadata.name) <= 63",
    message = "metadata.name: at most 63 characters")
public class VmImage extends CustomResource<VmImageSpec, VmImageStatus> implements Namespaced {}
