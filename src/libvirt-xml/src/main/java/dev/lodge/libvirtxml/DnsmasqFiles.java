package dev.lodge.libvirtxml;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the dnsmasq of a network finds what it reads by itself, beside what libvirt writes for it.
 *
 * @param directory absolute; dnsmasq's user must be able to enter it
 */
public record DnsmasqFiles(String directory) {
  /** dnsmasq's configuration has comments, quotes and escapes. */
  private static final Pattern PLAIN = Pattern.compile("/[A-Za-z0-9/._+@:-]*");

  private static final String HOSTS = "dhcp-hostsdir=";
  private static final String HOSTS_DIRECTORY = "/hosts";

  /**
   * Files in this directory.
   *
   * @throws IllegalArgumentException if dnsmasq could misread the path, see {@link #canBeNamed}
   */
  public DnsmasqFiles {
    if (!canBeNamed(directory)) {
      throw new IllegalArgumentException(
          "'" + directory + "' cannot stand in dnsmasq's configuration");
    }
  }

  /** Whether a path can stand in dnsmasq's configuration as it is. */
  public static boolean canBeNamed(String path) {
    return PLAIN.matcher(path).matches();
  }

  /** A file for each static lease; a new one is read at once. */
  public String hosts() {
    return directory + HOSTS_DIRECTORY;
  }

  /** Files of names and their addresses, as {@code /etc/hosts}; a new one is read at once. */
  public String names() {
    return directory + "/names";
  }

  /** What tells dnsmasq. */
  List<String> options() {
    return List.of(HOSTS + hosts(), "hostsdir=" + names());
  }

  /** What a network's options say, if it was us who wrote them. */
  static Optional<DnsmasqFiles> ofOptions(List<String> options) {
    return options.stream()
        .filter(o -> o.startsWith(HOSTS) && o.endsWith(HOSTS_DIRECTORY))
        .map(o -> o.substring(HOSTS.length(), o.length() - HOSTS_DIRECTORY.length()))
        .filter(DnsmasqFiles::canBeNamed)
        .findFirst()
        .map(DnsmasqFiles::new);
  }
}
