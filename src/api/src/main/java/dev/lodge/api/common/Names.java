package dev.lodge.api.common;

/** Patterns of names, and the names of labels and annotations that Lodge sets. */
public final class Names {
  /** RFC 1123 label: names of disks, interfaces, namespaces. */
  public static final String LABEL = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";

  /** RFC 1123 subdomain: names of objects. */
  public static final String SUBDOMAIN =
      "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

  /**
   * A relative path; {@code ..} is refused by a rule with a better message. No control characters.
   */
  public static final String RELATIVE_PATH = "^[^/\\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$";

  /** An absolute path without control characters. */
  public static final String ABSOLUTE_PATH = "^/[^\\x00-\\x1f\\x7f]*$";

  /** Text on one line that can stand in XML 1.0. */
  public static final String PRINTABLE = "^[^\\x00-\\x1f\\x7f\\x{fffe}\\x{ffff}]*$";

  private Names() {}
}
