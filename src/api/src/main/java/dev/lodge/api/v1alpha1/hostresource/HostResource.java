package dev.lodge.api.v1alpha1.hostresource;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.lodge.api.ResourceKind;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A name for something of the hosts. */
@JsonClassDescription(
    "A name that an administrator gives to something of the hosts, so that VMs may use it.")
@Group(ResourceKind.GROUP)
@Version(ResourceKind.VERSION)
@ShortNames("hostres")
@AdditionalPrinterColumn(name = "Type", jsonPath = ".spec.type")
@AdditionalPrinterColumn(name = "Path", jsonPath = ".spec.path")
@AdditionalPrinterColumn(name = "Access", jsonPath = ".spec.access")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@ValidationRule(
    value = "size(self.metadata.name) <= 63",
    message = "metadata.name: at most 63 characters")
public class HostResource extends CustomResource<HostResourceSpec, HostResourceStatus> {}
