package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DhcpReleaseTest {

  @Test
  void says_whose_address_is_given_back_to_whom() throws Exception {
    try (var server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      DhcpRelease.ofLine("52:54:00:aa:bb:cc,10.0.0.7,web", "127.0.0.1").send(server.getLocalPort());

      var got = new DatagramPacket(new byte[512], 512);
      server.setSoTimeout(5000);
      server.receive(got);
      byte[] m = got.getData();
      HexFormat hex = HexFormat.of();
      assertThat(got.getLength()).isEqualTo(300);
      assertThat(hex.formatHex(Arrays.copyOf(m, 4))).isEqualTo("01010600");
      assertThat(hex.formatHex(m, 12, 16)).isEqualTo("0a000007");
      assertThat(hex.formatHex(m, 28, 34)).isEqualTo("525400aabbcc");
      assertThat(hex.formatHex(m, 236, 250))
          .isEqualTo("63825363" + "350107" + "36047f000001" + "ff");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "52:54:00:aa:bb:cc", "x,y,z", "52:54:00:aa:bb:cc,10.0.0.,web"})
  void half_a_line_gives_nothing_back(String line) {
    assertThat(DhcpRelease.ofLine(line, "10.0.0.1").message()).isNull();
  }
}
