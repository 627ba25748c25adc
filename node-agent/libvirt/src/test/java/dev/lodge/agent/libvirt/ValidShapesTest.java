package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.libvirtxml.DomainXml;
import dev.lodge.testkit.plan.Plans;
import org.junit.jupiter.api.Test;

class ValidShapesTest {

  @Test
  void guestsThatDifferInValuesHaveOneShape() {
    String a = DomainXml.render(Plans.tiny("a").memoryKib(2048).plan());
    String b = DomainXml.render(Plans.tiny("other").memoryKib(4096).cpu("qemu64").plan());

    assertThat(ValidShapes.of(a)).isEqualTo(ValidShapes.of(b));
  }

  @Test
  void guestsThatDifferInElementsHaveShapesOfTheirOwn() {
    String a = DomainXml.render(Plans.tiny("a").plan());
    String withDrive = DomainXml.render(Plans.tiny("a").cdrom("cd", null).plan());
    String withMedium = DomainXml.render(Plans.tiny("a").cdrom("cd", "/x.iso").plan());

    assertThat(ValidShapes.of(a)).isNotEqualTo(ValidShapes.of(withDrive));
    assertThat(ValidShapes.of(withDrive)).isNotEqualTo(ValidShapes.of(withMedium));
  }

  @Test
  void anotherDaemonHasValidatedNothing() {
    ValidShapes shapes = new ValidShapes();
    shapes.add("x");
    boolean before = shapes.contains("x");

    shapes.forget();

    assertThat(before).isTrue();
    assertThat(shapes.contains("x")).isFalse();
  }
}
