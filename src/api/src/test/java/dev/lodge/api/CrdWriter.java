package dev.lodge.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import dev.lodge.api.v1alpha1.hostresource.HostResource;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.hostresource.HostResourceStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.vmaddress.VmAddress;
import dev.lodge.api.v1alpha1.vmaddress.VmAddressSpec;
import dev.lodge.api.v1alpha1.vmdiskclaim.VmDiskClaim;
import dev.lodge.api.v1alpha1.vmdiskclaim.VmDiskClaimSpec;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.api.v1alpha1.vmhost.VmHostSpec;
import dev.lodge.api.v1alpha1.vmhost.VmHostStatus;
import dev.lodge.api.v1alpha1.vmimage.VmImage;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageStatus;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkStatus;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Generates the CRD of a kind and adds what the generator cannot: columns in the order of the
 * annotations (it sorts them by path, so that AGE would come first), {@code spec} as a required
 * field, and descriptions of the whole, of spec and of status, which {@code kubectl explain} shows.
 */
record CrdWriter(
    ResourceKind kind, Class<? extends CustomResource<?, ?>> type, Class<?> spec, Class<?> status) {

  static CrdWriter of(ResourceKind kind) {
    return switch (kind) {
      case VirtualMachine ->
          new CrdWriter(
              kind, VirtualMachine.class, VirtualMachineSpec.class, VirtualMachineStatus.class);
      case VmNetwork ->
          new CrdWriter(kind, VmNetwork.class, VmNetworkSpec.class, VmNetworkStatus.class);
      case VmImage -> new CrdWriter(kind, VmImage.class, VmImageSpec.class, VmImageStatus.class);
      case HostResource ->
          new CrdWriter(kind, HostResource.class, HostResourceSpec.class, HostResourceStatus.class);
      case VmHost -> new CrdWriter(kind, VmHost.class, VmHostSpec.class, VmHostStatus.class);
      case VmAddress -> new CrdWriter(kind, VmAddress.class, VmAddressSpec.class, Void.class);
      case VmDiskClaim -> new CrdWriter(kind, VmDiskClaim.class, VmDiskClaimSpec.class, Void.class);
    };
  }

  CustomResourceDefinition generate(Path scratch) throws IOException {
    new CRDGenerator()
        .customResourceClasses(type)
        .forCRDVersions("v1")
        .inOutputDir(scratch.toFile())
        .generate();
    CustomResourceDefinition crd =
        Serialization.unmarshal(
            Files.readString(scratch.resolve(kind.crdName() + "-v1.yml")),
            CustomResourceDefinition.class);
    CustomResourceDefinitionVersion version = crd.getSpec().getVersions().getFirst();
    orderColumns(version);
    JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
    root.setRequired(List.of("spec"));
    describe(root, type);
    describe(root.getProperties().get("spec"), spec);
    if (status == Void.class) {
      root.getProperties().remove("status");
      version.setSubresources(null);
    } else {
      describe(root.getProperties().get("status"), status);
    }
    return crd;
  }

  String yaml(Path scratch) throws IOException {
    return "# Generated from the records of src/api by `make crds`; changes here are lost.\n"
        + Serialization.asYaml(generate(scratch));
  }

  private void orderColumns(CustomResourceDefinitionVersion version) {
    List<String> paths =
        List.of(type.getAnnotationsByType(AdditionalPrinterColumn.class)).stream()
            .map(AdditionalPrinterColumn::jsonPath)
            .toList();
    version
        .getAdditionalPrinterColumns()
        .sort(Comparator.comparingInt(c -> paths.indexOf(c.getJsonPath())));
  }

  private static void describe(JSONSchemaProps schema, Class<?> type) {
    schema.setDescription(type.getAnnotation(JsonClassDescription.class).value());
  }
}
