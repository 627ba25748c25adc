package dev.lodge.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Text that nearly is YAML, the same for the same seed. */
final class Noise {
  private static final List<String> SIGNS =
      List.of(
          "a",
          "x: ",
          "- ",
          "\n",
          "  ",
          "{",
          "}",
          "[",
          "]",
          ":",
          "&a ",
          "*a",
          "<<: ",
          "!!str ",
          "!x ",
          "\"",
          "'",
          "|\n",
          ">\n",
          "#",
          "---\n",
          "...\n",
          "%YAML 1.1\n",
          "~",
          "0x",
          "1e9",
          ".inf",
          "\t",
          "\\",
          ",",
          "?",
          "@",
          "`",
          "\u0000",
          "\u0007",
          "\u00fc",
          "\ud83d\ude00",
          "\ud800",
          "\ufffe",
          "spec",
          "null",
          "\r\n",
          "\u2028",
          "\ufeff",
          "-1",
          "99999999999999999999999",
          "*b",
          "&b");
  private static final List<String> LEAVES =
      List.of(
          "1",
          "-1",
          "1.5",
          "true",
          "null",
          "''",
          "x",
          "PoweredOn",
          "{}",
          "[]",
          "1Gi",
          "\"\\0\"",
          "10.0.0.1",
          "\"52:54:00:00:00:01\"",
          "1e400",
          "0x7fffffffffffffff",
          "None",
          "CDROM",
          "99999999999999999999",
          "\"\\ud800\"",
          "Europe/Nowhere",
          "../..",
          "2147483648");
  private static final List<String> KEYS =
      List.of(
          "name",
          "type",
          "source",
          "imageRef",
          "blank",
          "hostResourceRef",
          "path",
          "size",
          "kernel",
          "kernelRef",
          "ips",
          "mac",
          "clock",
          "userData",
          "watchdog",
          "device",
          "bus",
          "uuid",
          "networkRef",
          "features",
          "bootOrder",
          "loaderRef",
          "cmdline",
          "clone");
  private final SplittableRandom random;

  Noise(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Signs of YAML in any order. */
  String signs() {
    var out = new StringBuilder();
    for (int i = random.nextInt(20); i >= 0; i--) {
      out.append(any(SIGNS));
    }
    return out.toString();
  }

  /** A text with one piece replaced. */
  String damaged(String text) {
    int start = random.nextInt(text.length() + 1);
    int end = Math.min(text.length(), start + random.nextInt(12));
    return text.substring(0, start) + signs() + text.substring(end);
  }

  /** A value in flow style. */
  String value(int depth) {
    int choice = depth == 0 ? 0 : random.nextInt(4);
    if (choice < 2) {
      return any(LEAVES);
    }
    List<String> parts = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      parts.add((choice == 2 ? "" : any(KEYS) + ": ") + value(depth - 1));
    }
    String all = String.join(", ", parts);
    return choice == 2 ? "[" + all + "]" : "{" + all + "}";
  }

  byte[] bytes() {
    byte[] out = new byte[random.nextInt(300)];
    random.nextBytes(out);
    return out;
  }

  <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}
