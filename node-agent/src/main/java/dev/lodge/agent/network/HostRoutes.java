package dev.lodge.agent.network;

import dev.lodge.domain.network.Ipv4;
import dev.lodge.domain.network.Subnet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The subnets that the host routes already; a network of ours must not shadow one. */
public final class HostRoutes {
  private static final Path ROUTES = Path.of("/proc/net/route");

  private HostRoutes() {}

  /**
   * A route and its device.
   *
   * @param device e.g. {@code eth0}
   */
  public record Route(String device, Subnet subnet) {}

  /** The routes now, without the default one; empty if the kernel does not say. */
  public static List<Route> read() {
    try {
      return parse(Files.readAllLines(ROUTES));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Reads {@code /proc/net/route}: hexadecimal numbers, least significant byte first. */
  static List<Route> parse(List<String> lines) {
    var routes = new ArrayList<Route>();
    for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
      String[] f = line.strip().split("\\s+");
      if (f.length > 7 && !f[7].equals("00000000")) {
        int first = Integer.reverseBytes(Integer.parseUnsignedInt(f[1], 16));
        int mask = Integer.reverseBytes(Integer.parseUnsignedInt(f[7], 16));
        routes.add(new Route(f[0], new Subnet(new Ipv4(first), Integer.bitCount(mask))));
      }
    }
    return routes;
  }
}
