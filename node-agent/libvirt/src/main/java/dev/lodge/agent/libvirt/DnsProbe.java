package dev.lodge.agent.libvirt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks a name server for an address. AppArmor, SELinux, modes on the way and mount namespaces can
 * all keep a dnsmasq from files that we write for it; whether it has read them is best asked of
 * itself.
 */
final class DnsProbe {
  private static final Duration ANSWER = Duration.ofMillis(200);
  private static final Duration BETWEEN = Duration.ofMillis(20);
  private static final int HEADER = 12;

  private DnsProbe() {}

  /** Whether the server has an address for the name, or comes to have one in that time. */
  static boolean knows(String server, int port, String name, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    do {
      try {
        if (ask(server, port, name)) {
          return true;
        }
      } catch (IOException e) {
        // Not there yet, or nobody whom we can reach: the deadline decides.
      }
      LockSupport.parkNanos(BETWEEN.toNanos());
    } while (System.nanoTime() < deadline);
    return false;
  }

  private static boolean ask(String server, int port, String name) throws IOException {
    int id = ThreadLocalRandom.current().nextInt(1 << 16);
    byte[] query = query(id, name);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.getByName(server), port));
      socket.setSoTimeout((int) TimeUnit.MILLISECONDS.convert(ANSWER));
      socket.send(new DatagramPacket(query, query.length));
      DatagramPacket answer = new DatagramPacket(new byte[512], 512);
      socket.receive(answer);
      return hasAddress(answer.getData(), answer.getLength(), id);
    }
  }

  /** One question, for the A record of the name (RFC 1035, section 4). */
  static byte[] query(int id, String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) (id >> 8), (byte) id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.")) {
      byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
      out.write(bytes.length);
      out.writeBytes(bytes);
    }
    out.writeBytes(new byte[] {0, 0, 1, 0, 1});
    return out.toByteArray();
  }

  /** Whether this answers the question of that number, without an error and with a record. */
  static boolean hasAddress(byte[] answer, int length, int id) {
    return length > HEADER
        && (answer[0] & 0xff) == (id >> 8)
        && (answer[1] & 0xff) == (id & 0xff)
        && (answer[2] & 0x80) != 0
        && (answer[3] & 0x0f) == 0
        && (answer[6] | answer[7]) != 0;
  }
}
