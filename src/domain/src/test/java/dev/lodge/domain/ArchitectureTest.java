package dev.lodge.domain;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What Maven cannot see: the domain decides, and does nothing. */
class ArchitectureTest {
  private static final JavaClasses DOMAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.lodge.domain");

  @Test
  void the_classes_are_found() {
    assertThat(DOMAIN.contain(dev.lodge.domain.ownership.Ownership.class)).isTrue();
  }

  @Test
  void the_domain_knows_no_framework_and_no_binding() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.libvirt..",
            "com.sun.jna..",
            "io.fabric8.kubernetes.client..",
            "io.quarkus..",
            "io.vertx..",
            "io.micrometer..")
        .check(DOMAIN);
  }

  @Test
  void the_domain_starts_no_threads_and_opens_no_sockets() {
    noClasses()
        .that()
        .resideOutsideOfPackage("..domain.hypervisor..") // a port may hand out a CompletionStage
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net.http..", "java.util.concurrent..")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Thread.class, java.net.Socket.class, ProcessBuilder.class)
        .check(DOMAIN);
  }

  @Test
  void the_ownership_core_knows_nothing_but_the_api() {
    noClasses()
        .that()
        .resideInAPackage("..domain.ownership..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "dev.lodge.domain.plan..",
                    "dev.lodge.domain.machine..",
                    "dev.lodge.domain.hypervisor..",
                    "java.io..",
                    "java.nio..",
                    "java.time..")
                // Names of locks are hashed as other names are.
                .and(not(equivalentTo(dev.lodge.domain.machine.DomainNames.class))))
        .check(DOMAIN);
  }
}
