package dev.lodge.agent.apiserver;

import dev.lodge.api.ResourceKind;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a path means. Parsing is strict: a segment is a plain name or there is no such path. */
sealed interface Route {
  /** Group of the verbs and streams. */
  String SUBRESOURCES = "subresources.lodge.dev";

  /** healthz, livez or readyz. */
  record Health(String name) implements Route {}

  record Version() implements Route {}

  record Metrics() implements Route {}

  /**
   * Discovery of all groups, of one, or of one's version.
   *
   * @param core /api instead of /apis
   */
  record Discovery(boolean core, Optional<String> group, Optional<String> version)
      implements Route {}

  /** An OpenAPI document: empty is the index. */
  record OpenApi(String document) implements Route {}

  /**
   * Objects of a resource.
   *
   * @param namespace empty: all of them, or a cluster-scoped resource
   * @param name empty: the collection
   * @param status the status subresource
   */
  record Objects(
      String group, String plural, String namespace, Optional<String> name, boolean status)
      implements Route {}

  /** A verb or stream of a VM: start, log, console. */
  record OfVm(String namespace, String name, String what) implements Route {}

  record Leases(String namespace, String name) implements Route {}

  record HostCapabilities() implements Route {}

  /** A DNS-1123 subdomain, which names of objects are; also what group names look like. */
  Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  /** Namespaces are DNS-1123 labels. */
  Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  /**
   * @param rawPath as it came, without the query, not decoded yet
   * @return empty: there is no such path
   */
  static Optional<Route> parse(String rawPath) {
    Optional<List<String>> segments = segments(rawPath);
    if (segments.isEmpty() || segments.get().isEmpty()) {
      return Optional.empty();
    }
    List<String> s = segments.get();
    return switch (s.getFirst()) {
      case "healthz", "livez", "readyz" ->
          s.size() == 1 ? Optional.of(new Health(s.getFirst())) : Optional.empty();
      case "version" -> s.size() == 1 ? Optional.of(new Version()) : Optional.empty();
      case "metrics" -> s.size() == 1 ? Optional.of(new Metrics()) : Optional.empty();
      case "openapi" ->
          s.size() >= 2 && s.get(1).equals("v3")
              ? Optional.of(new OpenApi(String.join("/", s.subList(2, s.size()))))
              : Optional.empty();
      case "api" -> core(s);
      case "apis" -> groups(s);
      default -> Optional.empty();
    };
  }

  private static Optional<Route> core(List<String> s) {
    if (s.size() == 1) {
      return Optional.of(new Discovery(true, Optional.empty(), Optional.empty()));
    }
    if (!s.get(1).equals("v1")) {
      return Optional.empty();
    }
    if (s.size() == 2) {
      return Optional.of(new Discovery(true, Optional.of(""), Optional.of("v1")));
    }
    List<String> rest = s.subList(2, s.size());
    if (rest.getFirst().equals("namespaces") && rest.size() <= 2) {
      return Optional.of(
          new Objects("", "namespaces", "", rest.size() == 2 ? named(rest.get(1)) : none(), false));
    }
    return objects("", rest);
  }

  private static Optional<Route> groups(List<String> s) {
    if (s.size() <= 3) {
      return Optional.of(
          new Discovery(
              false,
              s.size() > 1 ? Optional.of(s.get(1)) : Optional.empty(),
              s.size() > 2 ? Optional.of(s.get(2)) : Optional.empty()));
    }
    if (!s.get(2).equals(ResourceKind.VERSION)) {
      return Optional.empty();
    }
    List<String> rest = s.subList(3, s.size());
    if (s.get(1).equals(ResourceKind.GROUP)) {
      return objects(ResourceKind.GROUP, rest);
    }
    if (!s.get(1).equals(SUBRESOURCES)) {
      return Optional.empty();
    }
    if (rest.equals(List.of("host", "capabilities"))) {
      return Optional.of(new HostCapabilities());
    }
    if (rest.size() == 5
        && rest.getFirst().equals("namespaces")
        && NAMESPACE.matcher(rest.get(1)).matches()
        && NAME.matcher(rest.get(3)).matches()) {
      if (rest.get(2).equals("virtualmachines")) {
        return Optional.of(new OfVm(rest.get(1), rest.get(3), rest.get(4)));
      }
      if (rest.get(2).equals("vmnetworks") && rest.get(4).equals("leases")) {
        return Optional.of(new Leases(rest.get(1), rest.get(3)));
      }
    }
    return Optional.empty();
  }

  private static Optional<Route> objects(String group, List<String> path) {
    List<String> rest = path;
    String namespace = "";
    if (rest.getFirst().equals("namespaces") && rest.size() >= 3) {
      namespace = rest.get(1);
      if (!NAMESPACE.matcher(namespace).matches()) {
        return Optional.empty();
      }
      rest = rest.subList(2, rest.size());
    }
    if (rest.size() > 3 || (rest.size() == 3 && !rest.get(2).equals("status"))) {
      return Optional.empty();
    }
    return Optional.of(
        new Objects(
            group,
            rest.getFirst(),
            namespace,
            rest.size() > 1 ? named(rest.get(1)) : none(),
            rest.size() == 3));
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  private static Optional<String> named(String name) {
    return Optional.of(name);
  }

  /**
   * Decoded segments; empty if any is not plain: dots, slashes, control characters, bad escapes.
   */
  private static Optional<List<String>> segments(String rawPath) {
    if (!rawPath.startsWith("/")) {
      return Optional.empty();
    }
    List<String> out = new ArrayList<>();
    for (String raw : rawPath.substring(1).split("/", -1)) {
      Optional<String> decoded = decode(raw);
      if (decoded.isEmpty()) {
        return Optional.empty();
      }
      out.add(decoded.get());
    }
    // One slash at the end is what people type: /apis/.
    if (out.size() > 1 && out.getLast().isEmpty()) {
      out.removeLast();
    }
    boolean plain =
        out.stream()
            .allMatch(
                s ->
                    !s.isEmpty()
                        && !s.equals(".")
                        && !s.equals("..")
                        && s.chars().allMatch(c -> c > 0x20 && c != 0x7f && c != '/' && c != '\\'));
    return plain ? Optional.of(out) : Optional.empty();
  }

  /** Percent-decodes; empty: a broken escape or no UTF-8. */
  static Optional<String> decode(String raw) {
    if (raw.indexOf('%') < 0) {
      return Optional.of(raw);
    }
    byte[] in = raw.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(in.length);
    for (int i = 0; i < in.length; i++) {
      if (in[i] != '%') {
        out.put(in[i]);
        continue;
      }
      int hi = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
      int lo = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
      if (hi < 0 || lo < 0) {
        return Optional.empty();
      }
      out.put((byte) (hi << 4 | lo));
      i += 2;
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(out.flip())
              .toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
