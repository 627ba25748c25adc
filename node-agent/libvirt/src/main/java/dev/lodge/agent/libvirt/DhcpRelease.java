package dev.lodge.agent.libvirt;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Gives an address back for a guest that is gone: a guest that is destroyed says no goodbye, and
 * dnsmasq would refuse its address to everybody else until the lease ends, an hour by default.
 *
 * <p>The message is a DHCPRELEASE (RFC 2131, section 4.4.6) without a client identifier: so dnsmasq
 * looks for the lease by the hardware address alone. It drops one that names both as the lease
 * does.
 *
 * @param message nothing to send if null
 */
record DhcpRelease(String gateway, byte @Nullable [] message) {
  /** Of DHCP servers. */
  static final int PORT = 67;

  private static final int OPTIONS = 236;
  private static final int LENGTH = 300;
  private static final byte RELEASE = 7;

  /**
   * @param line {@code mac,address,name}, as dnsmasq reads it; of another form: nothing is sent
   */
  static DhcpRelease ofLine(String line, String gateway) {
    String[] part = line.split(",", -1);
    if (part.length < 2
        || !part[0].matches("([0-9a-f]{2}:){5}[0-9a-f]{2}")
        || !part[1].matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
      return new DhcpRelease(gateway, null);
    }
    ByteBuffer out = ByteBuffer.allocate(LENGTH);
    out.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0);
    out.putInt(ThreadLocalRandom.current().nextInt());
    out.putInt(0).put(address(part[1]));
    out.position(28);
    for (String octet : part[0].split(":")) {
      out.put((byte) Integer.parseInt(octet, 16));
    }
    out.position(OPTIONS);
    out.putInt(0x63825363);
    out.put(new byte[] {53, 1, RELEASE, 54, 4}).put(address(gateway)).put((byte) 255);
    return new DhcpRelease(gateway, out.array());
  }

  /** Sends it; whether it was heard nobody says. */
  void send(int port) throws IOException {
    if (message == null) {
      return;
    }
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(
          new DatagramPacket(
              message,
              message.length,
              new InetSocketAddress(InetAddress.getByName(gateway), port)));
    }
  }

  private static byte[] address(String dotted) {
    byte[] out = new byte[4];
    String[] part = dotted.split("\\.");
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) Integer.parseInt(part[i]);
    }
    return out;
  }
}
