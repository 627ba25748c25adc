package dev.lodge.libvirtxml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.domain.machine.BootPlan;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.domain.plan.MachinePlanner;
import dev.lodge.domain.plan.PlanResult.Planned;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Nothing that a user writes can end its element or attribute. */
class EscapingPropertyTest {
  private static final MachinePlan PLAN =
      ((Planned)
              new MachinePlanner()
                  .plan(TestManifest.read(Path.of("src/test/golden/uefi-q35/in.yaml")).request()))
          .plan();

  @Provide
  Arbitrary<String> printable() {
    return Specs.printable();
  }

  @Provide
  Arbitrary<String> hostile() {
    return Arbitraries.oneOf(
        Specs.printable(),
        Arbitraries.of(
            "]]>",
            "<![CDATA[x]]>",
            "<!--",
            "-->",
            "&#60;",
            "\"/><disk/>",
            "' onload='",
            "</serial>",
            "<?pi?>"));
  }

  @Property(tries = 300)
  void text_and_attributes_come_back_as_they_were(
      @ForAll("hostile") String text, @ForAll("hostile") String path) {
    // Given
    MachinePlan plan = with(text, path);
    // When
    XmlTree domain = XmlTree.parse(DomainXml.render(plan), "domain");
    // Then
    assertThat(domain.at("sysinfo", "system", "entry").orElseThrow().text())
        .isEqualTo(text.strip());
    assertThat(domain.at("os", "cmdline").orElseThrow().text()).isEqualTo(text.strip());
    XmlTree disk = domain.at("devices", "disk").orElseThrow();
    assertThat(disk.at("source").orElseThrow().attribute("file")).contains(path);
    assertThat(disk.at("serial").orElseThrow().text()).isEqualTo(text.strip());
    assertThat(count(domain)).isEqualTo(count(parsed(with("x", "x"))));
  }

  @Property(tries = 100)
  void a_character_that_xml_cannot_carry_is_an_error_and_never_output(
      @ForAll("printable") String text, @ForAll("control") char control) {
    MachinePlan plan = with(text + control + "z", "/x");
    assertThatThrownBy(() -> DomainXml.render(plan)).isInstanceOf(IllegalArgumentException.class);
    MachinePlan path = with("x", text + control + "z");
    assertThatThrownBy(() -> DomainXml.render(path)).isInstanceOf(IllegalArgumentException.class);
  }

  @Provide
  Arbitrary<Character> control() {
    return Arbitraries.chars()
        .with(
            '\0', '\u0001', '\u0008', '\u000b', '\u000c', '\u001f', '\ufffe', '\uffff', '\ud800',
            '\udfff');
  }

  @Property(tries = 100)
  void names_on_networks_stay_in_their_attributes(@ForAll("hostile") String name) {
    var plan =
        new NetworkPlan(
            "lodge-1",
            "u",
            "0b1c6f3e-5d7a-4c1e-9f00-2a4b6c8d0e1f",
            "lo-1",
            "10.0.0.1",
            24,
            name,
            List.of(new NetworkPlan.Host("52:54:00:00:00:01", "10.0.0.2", name)));
    var read = NetworkXmlReader.read(NetworkXml.render(plan));
    assertThat(read.hosts()).isEqualTo(plan.hosts());
    assertThat(read.uid()).contains("u");
  }

  private static XmlTree parsed(MachinePlan plan) {
    return XmlTree.parse(DomainXml.render(plan), "domain");
  }

  private static int count(XmlTree tree) {
    return 1 + tree.children().stream().mapToInt(EscapingPropertyTest::count).sum();
  }

  private static MachinePlan with(String text, String path) {
    List<DevicePlan> devices = new ArrayList<>();
    for (DevicePlan device : PLAN.devices()) {
      devices.add(
          device instanceof DevicePlan.Disk d
              ? new DevicePlan.Disk(
                  d.name(),
                  d.device(),
                  d.bus(),
                  d.target(),
                  new DevicePlan.Disk.Source(false, path, "raw", null),
                  d.cache(),
                  d.io(),
                  d.discard(),
                  d.errorPolicy(),
                  d.readOnly(),
                  d.shareable(),
                  text,
                  d.bootOrder(),
                  d.iothread(),
                  d.address())
              : device);
    }
    return new MachinePlan(
        PLAN.identity(),
        PLAN.virtualization(),
        PLAN.arch(),
        PLAN.machineType(),
        PLAN.emulator(),
        PLAN.memoryKib(),
        PLAN.tcgCacheMib(),
        PLAN.cpu(),
        new BootPlan.Kernel(path, path, text),
        PLAN.acpi(),
        PLAN.apic(),
        PLAN.clock(),
        PLAN.onCrash(),
        text,
        devices);
  }
}
