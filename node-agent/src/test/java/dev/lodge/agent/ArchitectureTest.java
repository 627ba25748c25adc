package dev.lodge.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What Maven cannot see: who knows whom among the agent's packages. */
class ArchitectureTest {
  private static final JavaClasses AGENT =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.lodge.agent");

  @Test
  void the_classes_are_found() {
    assertThat(AGENT.contain(dev.lodge.agent.alone.AloneAgent.class)).isTrue();
    assertThat(AGENT.contain(dev.lodge.agent.libvirt.LibvirtHypervisor.class)).isTrue();
  }

  @Test
  void only_the_adapter_knows_libvirts_binding() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.lodge.agent.libvirt..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.libvirt..")
        .check(AGENT);
  }

  @Test
  void only_the_composition_root_knows_the_adapter_and_its_own_kind() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.lodge.agent",
            "dev.lodge.agent.alone..",
            "dev.lodge.agent.cluster..",
            "dev.lodge.agent.metrics..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.lodge.agent.alone..",
            "dev.lodge.agent.cluster..",
            "dev.lodge.agent.libvirt..",
            "dev.lodge.agent.metrics..")
        .check(AGENT.that(outsideOfLibvirt()));
  }

  @Test
  void the_api_reaches_the_rest_through_its_ports_only() {
    noClasses()
        .that()
        .resideInAPackage("dev.lodge.agent.apiserver..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.lodge.agent.reconcile..",
            "dev.lodge.agent.source..",
            "dev.lodge.agent.storage..",
            "dev.lodge.agent.image..",
            "dev.lodge.agent.network..",
            "dev.lodge.agent.hostfile..")
        .check(AGENT);
  }

  @Test
  void the_packages_know_each_other_in_one_direction() {
    slices().matching("dev.lodge.agent.(*)..").should().beFreeOfCycles().check(AGENT);
  }

  private static com.tngtech.archunit.base.DescribedPredicate<
          com.tngtech.archunit.core.domain.JavaClass>
      outsideOfLibvirt() {
    return com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage(
        "dev.lodge.agent.libvirt..");
  }
}
