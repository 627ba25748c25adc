package dev.lodge.domain.machine;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names in libvirt and on the host that are derived from names in Lodge. */
public final class DomainNames {
  /** libvirt makes file names of the domain's name and more; longer ones are hashed. */
  static final int MAX_DOMAIN = 100;

  private DomainNames() {}

  /** libvirt's domain name: {@code <namespace>_<name>}; neither part can hold an underscore. */
  public static String domain(String namespace, String name) {
    String plain = namespace + "_" + name;
    return plain.length() <= MAX_DOMAIN
        ? plain
        : plain.substring(0, MAX_DOMAIN - 17) + "-" + hash(plain, 16);
  }

  /** libvirt's name of a network: {@code lodge-<hash>}, never libvirt's own {@code default}. */
  public static String network(String namespace, String name) {
    return "lodge-" + hash("network/" + namespace + "/" + name, 8);
  }

  /** The host bridge of a network; Linux allows 15 characters. */
  public static String bridge(String namespace, String name) {
    return "lo-" + hash("network/" + namespace + "/" + name, 8);
  }

  /** The host side of an interface; Linux allows 15 characters. */
  public static String tap(String uid, String interfaceName) {
    return "lt" + hash("tap/" + uid + "/" + interfaceName, 10);
  }

  /** The first {@code digits} hex digits of a SHA-256. */
  public static String hash(String text, int digits) {
    try {
      byte[] d = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(d).substring(0, digits);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
