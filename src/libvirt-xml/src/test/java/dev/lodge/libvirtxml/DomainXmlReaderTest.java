package dev.lodge.libvirtxml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.domain.hypervisor.DomainDetails;
import dev.lodge.domain.hypervisor.DomainState.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainXmlReaderTest {

  /**
   * {@code sent-*} was given to libvirt 9.0 with QEMU 7.2, {@code live-*} is what it made of it.
   */
  @ParameterizedTest
  @ValueSource(strings = {"all-q35", "all-pc"})
  void libvirt_keeps_every_address_and_target_that_we_gave(String machine) {
    // Given
    var sent = DomainXmlReader.read(resource("sent-" + machine + ".xml"));
    // When
    var live = DomainXmlReader.read(resource("live-" + machine + ".xml"));
    // Then
    assertThat(live.details().devices()).hasSizeGreaterThan(15);
    assertThat(byAlias(live)).isEqualTo(byAlias(sent));
    assertThat(live.details().machineType()).isEqualTo(sent.details().machineType());
    assertThat(live.owner()).isEqualTo(sent.owner());
  }

  @Test
  void the_facts_of_a_running_domain_are_read() {
    var domain = DomainXmlReader.read(resource("live-all-pc.xml"));
    assertThat(domain.name()).isEqualTo("default_all-pc");
    assertThat(domain.uuid()).isEqualTo(TestManifest.UID);
    assertThat(domain.owner()).contains(new Owner("default", "all-pc", TestManifest.UID, 1));
    assertThat(domain.details().machineType()).isEqualTo("pc-i440fx-7.2");
    assertThat(domain.details().cpuModel()).isEqualTo("Nehalem");
    assertThat(domain.vncSocket()).endsWith("/vnc.sock");
    assertThat(domain.details().devices())
        .contains(
            new DomainDetails.Device("ua-disk-root", "pci:0000:00:07.0", "vda"),
            new DomainDetails.Device("ua-console-virtio", "virtio-serial:0:0:0", null),
            new DomainDetails.Device("ua-console-serial", null, null));
  }

  @Test
  void a_domain_without_our_metadata_is_not_ours() {
    String foreign =
        "<domain><name>x</name><uuid>u</uuid><metadata><m:machine xmlns:m='urn:other' uid='1'/>"
            + "<machine uid='1'/></metadata></domain>";
    assertThat(DomainXmlReader.read(foreign).owner()).isEmpty();
    String half =
        "<domain><metadata><l:machine xmlns:l='" + Xml.NAMESPACE + "'/></metadata></domain>";
    assertThat(DomainXmlReader.read(half).owner()).isEmpty();
  }

  @Test
  void what_is_no_domain_is_refused() {
    for (String text :
        new String[] {"", "no xml", "<network/>", "<domain>", "<domain></network>"}) {
      assertThatThrownBy(() -> DomainXmlReader.read(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void document_types_and_their_entities_are_refused() {
    String bomb =
        "<!DOCTYPE domain [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>"
            + "<!ENTITY f SYSTEM 'file:///etc/passwd'>]><domain><name>&b;&f;</name></domain>";
    assertThatThrownBy(() -> DomainXmlReader.read(bomb))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void depth_and_length_are_bounded() {
    String deep = "<domain>".repeat(100_000) + "</domain>".repeat(100_000);
    assertThatThrownBy(() -> DomainXmlReader.read(deep))
        .isInstanceOf(IllegalArgumentException.class);
    String many = "<domain>" + "<a/>".repeat(300_000) + "</domain>";
    assertThatThrownBy(() -> DomainXmlReader.read(many))
        .isInstanceOf(IllegalArgumentException.class);
    String longText = "<domain>" + "x".repeat(9 << 20) + "</domain>";
    assertThatThrownBy(() -> DomainXmlReader.read(longText))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Map<String, DomainDetails.Device> byAlias(DomainXmlReader.ReadDomain domain) {
    return domain.details().devices().stream()
        .collect(
            Collectors.toMap(DomainDetails.Device::alias, d -> d, (a, b) -> a, LinkedHashMap::new));
  }

  static String resource(String name) {
    try {
      return Files.readString(Path.of("src/test/resources", name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
