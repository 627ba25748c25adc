package dev.lodge.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may know whom; Maven sees modules only. */
class ArchitectureTest {
  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.lodge");

  @Test
  void operator_and_agent_meet_in_the_api_only() {
    noClasses()
        .that()
        .resideInAPackage("dev.lodge.operator..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.lodge.agent..", "dev.lodge.cli..", "org.libvirt..")
        .check(classes);
  }

  @Test
  void only_the_composition_knows_quarkus() {
    noClasses()
        .that()
        .resideInAPackage("dev.lodge.operator.*..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.quarkus..", "jakarta.enterprise..")
        .check(classes);
  }

  @Test
  void what_a_vm_needs_is_worked_out_without_the_api_server() {
    noClasses()
        .that()
        .resideInAPackage("dev.lodge.operator.needs..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.fabric8.kubernetes.client.dsl..", "dev.lodge.operator.client..")
        .check(classes);
  }
}
