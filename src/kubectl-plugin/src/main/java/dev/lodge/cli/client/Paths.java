package dev.lodge.cli.client;

import dev.lodge.api.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Paths of the API. docs/design/api-alone.md lists them. */
public final class Paths {
  private static final String ROOT = "/apis/" + ResourceKind.API_VERSION;
  private static final String SUBRESOURCES =
      "/apis/subresources." + ResourceKind.GROUP + "/" + ResourceKind.VERSION;
  private static final String UNRESERVED = "-._~";

  private Paths() {}

  /** All objects of a kind; an empty namespace means all of them. */
  public static String objects(ResourceKind kind, String namespace) {
    return ROOT + scope(kind, namespace) + "/" + kind.plural();
  }

  /** A verb or a view of an object, e.g. {@code console}. */
  public static String subresource(Target target, String what) {
    return SUBRESOURCES
        + scope(target.kind(), target.namespace())
        + "/"
        + target.kind().plural()
        + "/"
        + encode(target.name())
        + "/"
        + what;
  }

  /** What the host can do. */
  public static String hostCapabilities() {
    return SUBRESOURCES + "/host/capabilities";
  }

  /** Events; an empty namespace means all of them. */
  public static String events(String namespace) {
    return "/api/v1" + (namespace.isEmpty() ? "" : "/namespaces/" + encode(namespace)) + "/events";
  }

  /** A path with parameters, those with an empty value left out. */
  public static String query(String path, Map<String, String> parameters) {
    var out = new StringBuilder(path);
    char separator = '?';
    for (Map.Entry<String, String> p : parameters.entrySet()) {
      if (!p.getValue().isEmpty()) {
        out.append(separator).append(p.getKey()).append('=').append(encode(p.getValue()));
        separator = '&';
      }
    }
    return out.toString();
  }

  /** Percent-encodes whatever has a meaning in a path or a query. */
  public static String encode(String text) {
    var out = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 128 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
        out.append(c);
      } else {
        out.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
        out.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
      }
    }
    // A segment of dots alone would be a step in the tree for whoever normalises the path.
    return out.toString().equals("..")
        ? "%2E%2E"
        : out.toString().equals(".") ? "%2E" : out.toString();
  }

  private static String scope(ResourceKind kind, String namespace) {
    return kind.namespaced() && !namespace.isEmpty() ? "/namespaces/" + encode(namespace) : "";
  }
}
