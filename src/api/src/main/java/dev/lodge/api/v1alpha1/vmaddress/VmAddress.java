package dev.lodge.api.v1alpha1.vmaddress;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.lodge.api.ResourceKind;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** One address that was given out; its name makes it unique. Made and freed by the operator. */
@JsonClassDescription("One address that was given out; its name makes it unique.")
@Group(ResourceKind.GROUP)
@Version(ResourceKind.VERSION)
@Plural("vmaddresses")
@ShortNames("vmaddr")
@AdditionalPrinterColumn(name = "IP", jsonPath = ".spec.ip")
@AdditionalPrinterColumn(name = "Network", jsonPath = ".spec.networkRef.name")
@AdditionalPrinterColumn(name = "Namespace", jsonPath = ".spec.parentRef.namespace")
@AdditionalPrinterColumn(name = "VM", jsonPath = ".spec.parentRef.name")
@AdditionalPrinterColumn(name = "MAC", jsonPath = ".spec.mac")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@ValidationRule(
    value = "self.spec == oldSelf.spec",
    message = "spec: cannot change; an address is freed and given anew")
public class VmAddress extends CustomResource<VmAddressSpec, Void> {}
