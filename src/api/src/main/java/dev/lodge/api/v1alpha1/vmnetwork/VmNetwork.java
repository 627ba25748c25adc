package dev.lodge.api.v1alpha1.vmnetwork;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.lodge.api.ResourceKind;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A network that VMs attach to. */
@JsonClassDescription("A network that VMs attach to.")
@Group(ResourceKind.GROUP)
@Version(ResourceKind.VERSION)
@ShortNames("vmnet")
@AdditionalPrinterColumn(name = "CIDR", jsonPath = ".status.cidr")
@AdditionalPrinterColumn(
    name = "Used",
    jsonPath = ".status.addressesUsed",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Bridge", jsonPath = ".status.bridge", priority = 1)
@ValidationRule(
    value = "size(self.metadata.name) <= 63",
    message = "metadata.name: at most 63 characters")
public class VmNetwork extends CustomResource<VmNetworkSpec, VmNetworkStatus>
    implements Namespaced {}
