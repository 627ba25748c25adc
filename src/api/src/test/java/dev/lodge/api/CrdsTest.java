package dev.lodge.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.v1alpha1.hostresource.HostResource;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.vmimage.VmImage;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The CRDs under {@code crds/} are what the types generate. {@code make crds} writes them anew
 * (this test with {@code -Dlodge.crds.write=true}).
 */
class CrdsTest {
  private static final Path COMMITTED = Path.of("../../crds");

  @ParameterizedTest
  @EnumSource(ResourceKind.class)
  void committed_crd_is_what_the_types_generate(ResourceKind kind, @TempDir Path dir)
      throws IOException {
    new CRDGenerator()
        .customResourceClasses(type(kind))
        .forCRDVersions("v1")
        .inOutputDir(dir.toFile())
        .generate();
    String generated = Files.readString(dir.resolve(kind.crdName() + "-v1.yml"));
    Path committed = COMMITTED.resolve(kind.crdName() + ".yaml");
    if (Boolean.getBoolean("lodge.crds.write")) {
      Files.createDirectories(COMMITTED);
      Files.writeString(committed, generated);
    }
    assertThat(committed).as("run `make crds` and commit the result").hasContent(generated);
  }

  private static Class<? extends CustomResource<?, ?>> type(ResourceKind kind) {
    return switch (kind) {
      case VirtualMachine -> VirtualMachine.class;
      case VmNetwork -> VmNetwork.class;
      case VmImage -> VmImage.class;
      case HostResource -> HostResource.class;
    };
  }
}
