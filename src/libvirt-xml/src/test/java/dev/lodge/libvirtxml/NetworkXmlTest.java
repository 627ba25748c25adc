package dev.lodge.libvirtxml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.machine.NetworkPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkXmlTest {
  private static final NetworkPlan.Host HOST =
      new NetworkPlan.Host("52:54:00:00:00:01", "10.127.0.2", "web");

  private static final DnsmasqFiles FILES = new DnsmasqFiles("/var/lib/lodge/networks/n");

  private static NetworkPlan plan(@Nullable String domain, NetworkPlan.Host... hosts) {
    return new NetworkPlan(
        "lodge-6bfd075a",
        "7d3cb5f0-1d2c-4a53-8a1f-9a1f6b0c2d3e",
        "7d3cb5f0-1d2c-4a53-8a1f-9a1f6b0c2d3e",
        "lo-6bfd075a",
        "10.127.0.1",
        24,
        domain,
        List.of(hosts));
  }

  @Test
  void a_network_is_nat_with_static_leases_only() {
    assertThat(NetworkXml.render(plan("vm.internal", HOST)))
        .isEqualTo(
            """
            <network>
              <name>lodge-6bfd075a</name>
              <uuid>7d3cb5f0-1d2c-4a53-8a1f-9a1f6b0c2d3e</uuid>
              <metadata>
                <lodge:network xmlns:lodge="https://lodge.dev/xml/1" uid="7d3cb5f0-1d2c-4a53-8a1f-9a1f6b0c2d3e"/>
              </metadata>
              <forward mode="nat"/>
              <bridge name="lo-6bfd075a" stp="on" delay="0"/>
              <domain name="vm.internal" localOnly="yes"/>
              <ip address="10.127.0.1" prefix="24">
                <dhcp>
                  <host mac="52:54:00:00:00:01" name="web" ip="10.127.0.2"/>
                </dhcp>
              </ip>
            </network>
            """);
  }

  @Test
  void networks_satisfy_the_schema_of_libvirt(@TempDir Path folder) throws Exception {
    List<Path> files =
        List.of(
            Files.writeString(
                folder.resolve("a.xml"), NetworkXml.render(plan("vm.internal", HOST))),
            Files.writeString(folder.resolve("b.xml"), NetworkXml.render(plan(null))),
            Files.writeString(folder.resolve("c.xml"), NetworkXml.render(plan("a.b"), FILES)));
    assertThat(Schema.NETWORK.complaints(files)).isEmpty();
  }

  @Test
  void a_static_lease_stands_alone_for_an_update() {
    assertThat(NetworkXml.host(HOST))
        .isEqualTo("<host mac=\"52:54:00:00:00:01\" name=\"web\" ip=\"10.127.0.2\"/>\n");
  }

  @Test
  void static_leases_in_files_are_not_in_the_xml_but_dhcp_is_on() {
    assertThat(NetworkXml.render(plan(null, HOST), FILES))
        .contains(
            """
                <dhcp>
                  <host mac="02:00:00:00:00:00" ip="10.127.0.1"/>
                </dhcp>
              </ip>
              <dnsmasq:options xmlns:dnsmasq="http://libvirt.org/schemas/network/dnsmasq/1.0">
                <dnsmasq:option value="dhcp-hostsdir=/var/lib/lodge/networks/n/hosts"/>
                <dnsmasq:option value="hostsdir=/var/lib/lodge/networks/n/names"/>
              </dnsmasq:options>
            """);
  }

  @Test
  void where_dnsmasq_finds_its_files_is_read_back_and_whether_the_name_is_there() {
    var read = NetworkXmlReader.read(NetworkXml.render(plan(null, HOST), FILES));
    assertThat(read.files()).contains(FILES);
    assertThat(read.reloadNamed()).isFalse();

    var named =
        NetworkXmlReader.read(
            NetworkXml.render(plan(null, HOST), FILES)
                .replace(
                    "<ip address",
                    "<dns>" + NetworkXml.reload("10.127.0.1") + "</dns><ip address"));
    assertThat(named.reloadNamed()).isTrue();
  }

  @Test
  void the_name_that_makes_dnsmasq_read_again_stands_alone_for_an_update() {
    assertThat(NetworkXml.reload("10.127.0.1"))
        .isEqualTo(
            """
            <host ip="10.127.0.1">
              <hostname>reload.lodge.invalid</hostname>
            </host>
            """);
  }

  @Test
  void a_path_that_dnsmasq_could_misread_is_refused() {
    for (String path : List.of("relative", "/a b", "/a#b", "/a\"b", "/a\nport=1", "/a,b", "/ä")) {
      assertThat(DnsmasqFiles.canBeNamed(path)).as(path).isFalse();
    }
    assertThat(DnsmasqFiles.canBeNamed("/var/lib/lodge-1_2/networks")).isTrue();
  }

  @Test
  void what_was_rendered_is_read_back() {
    var read = NetworkXmlReader.read(NetworkXml.render(plan(null, HOST)));
    assertThat(read.name()).isEqualTo("lodge-6bfd075a");
    assertThat(read.uid()).contains("7d3cb5f0-1d2c-4a53-8a1f-9a1f6b0c2d3e");
    assertThat(read.bridge()).isEqualTo("lo-6bfd075a");
    assertThat(read.cidr()).isEqualTo("10.127.0.1/24");
    assertThat(read.hosts()).containsExactly(HOST);
  }

  @Test
  void libvirts_own_network_is_not_ours() {
    var read =
        NetworkXmlReader.read(
            """
            <network><name>default</name><uuid>u</uuid><forward mode='nat'/>
              <bridge name='virbr0' stp='on' delay='0'/>
              <ip family='ipv6' address='fd00::1' prefix='64'/>
              <ip address='192.168.122.1' netmask='255.255.255.0'>
                <dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip></network>
            """);
    assertThat(read.uid()).isEmpty();
    assertThat(read.cidr()).isEqualTo("192.168.122.1/24");
    assertThat(read.hosts()).isEmpty();
  }
}
