package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class DnsProbeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int NO_SUCH_NAME = 3;

  @Test
  void a_name_is_asked_for_as_the_standard_says() {
    assertThat(DnsProbe.query(0x1234, "ab.c"))
        .isEqualTo(
            new byte[] {
              0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 'a', 'b', 1, 'c', 0, 0, 1, 0, 1
            });
  }

  @Test
  void a_server_that_comes_to_know_the_name_is_asked_until_it_does() throws Exception {
    assertThat(asked(round -> round < 2 ? NO_SUCH_NAME : 0, PATIENCE)).isTrue();
  }

  @Test
  void a_server_that_does_not_know_the_name_is_given_up() throws Exception {
    assertThat(asked(_ -> NO_SUCH_NAME, Duration.ofMillis(100))).isFalse();
  }

  @Test
  void where_nobody_listens_nobody_knows() throws Exception {
    int free;
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }

    assertThat(DnsProbe.knows("127.0.0.1", free, "a.b", Duration.ofMillis(50))).isFalse();
  }

  /** Asks a server that answers each round with this code, and with a record if it is 0. */
  private static boolean asked(IntFunction<Integer> code, Duration patience) throws Exception {
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      var unused =
          thread.submit(
              () -> {
                for (int round = 0; !server.isClosed(); round++) {
                  DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                  server.receive(packet);
                  byte[] answer = packet.getData().clone();
                  answer[2] |= (byte) 0x80;
                  answer[3] = code.apply(round).byteValue();
                  answer[7] = (byte) (answer[3] == 0 ? 1 : 0);
                  server.send(
                      new DatagramPacket(answer, packet.getLength(), packet.getSocketAddress()));
                }
                return null;
              });
      try {
        return DnsProbe.knows("127.0.0.1", server.getLocalPort(), "probe.x", patience);
      } finally {
        server.close();
      }
    }
  }
}
