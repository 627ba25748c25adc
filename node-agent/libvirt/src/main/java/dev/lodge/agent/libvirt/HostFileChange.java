package dev.lodge.agent.libvirt;

import dev.lodge.domain.machine.NetworkPlan.Host;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What leads from the files of a network's static leases to those that are wanted.
 *
 * <p>dnsmasq reads a new file at once, but forgets nothing until it reads all of them anew, and it
 * refuses a new lease whose address an old one has. So what is retired stays known to it, which
 * harms nobody until somebody else is given the same: only then it has to read all. That runs
 * libvirt's helper once for each lease that a guest has, which is why it is not done each time.
 *
 * @param retire files that are no longer wanted as they are, by name
 * @param write the lines to write, by the name of their file
 * @param reload whether dnsmasq must read all of them anew
 */
record HostFileChange(List<String> retire, Map<String, String> write, boolean reload) {

  /**
   * What is there: lines by the name of their file.
   *
   * @param present what dnsmasq finds
   * @param retired what it no longer finds, but may still know
   * @param watched false: dnsmasq does not see new files, because the directory is not the one that
   *     it began with
   */
  record Found(Map<String, String> present, Map<String, String> retired, boolean watched) {}

  /** The lines of these static leases. */
  static Map<String, String> lines(List<Host> hosts) {
    Map<String, String> lines = new LinkedHashMap<>();
    for (Host h : hosts) {
      String mac = h.mac().toLowerCase(Locale.ROOT);
      lines.put(mac.replace(':', '-'), String.join(",", mac, h.ip(), h.name()));
    }
    return lines;
  }

  static HostFileChange between(Found found, Map<String, String> wanted) {
    List<String> retire = new ArrayList<>();
    List<String> known = new ArrayList<>(found.retired().values());
    found
        .present()
        .forEach(
            (file, line) -> {
              if (!line.equals(wanted.get(file))) {
                retire.add(file);
                known.add(line);
              }
            });
    Map<String, String> write = new LinkedHashMap<>();
    wanted.forEach(
        (file, line) -> {
          if (!line.equals(found.present().get(file))) {
            write.put(file, line);
          }
        });
    boolean clash =
        wanted.values().stream().anyMatch(w -> known.stream().anyMatch(k -> clash(w, k)));
    return new HostFileChange(retire, write, clash || !found.watched() && !write.isEmpty());
  }

  /** Whether two leases share something, and are not the same; nobody knows what half a line is. */
  private static boolean clash(String wanted, String known) {
    if (wanted.equals(known)) {
      return false;
    }
    String[] a = wanted.split(",", -1);
    String[] b = known.split(",", -1);
    if (a.length != b.length) {
      return true;
    }
    for (int i = 0; i < a.length; i++) {
      if (a[i].equals(b[i])) {
        return true;
      }
    }
    return false;
  }
}
