package dev.lodge.cli.image;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of checksums as publishers give it ({@code SHA512SUMS}, {@code SHA256SUMS}, {@code
 * CHECKSUM}): lines of coreutils ({@code <hex> *file}) or of BSD ({@code SHA256 (file) = <hex>}),
 * with whatever else between, such as a signature.
 */
final class ChecksumFile {
  private static final String HEX = "([0-9a-fA-F]{128}|[0-9a-fA-F]{64})";
  private static final Pattern COREUTILS = Pattern.compile(HEX + "[ \\t]+\\*?(?:\\./)?(\\S.*)");
  private static final Pattern BSD = Pattern.compile("SHA(?:256|512) \\((.+)\\) = " + HEX);

  private ChecksumFile() {}

  /**
   * What the text says of a file: {@code sha256:} or {@code sha512:} and hex digits, the longer one
   * if it has both. Empty if it does not name the file.
   */
  static Optional<String> checksum(String text, String file) {
    String best = "";
    for (String line : text.lines().map(String::strip).toList()) {
      Matcher coreutils = COREUTILS.matcher(line);
      Matcher bsd = BSD.matcher(line);
      String hex = "";
      if (coreutils.matches() && coreutils.group(2).equals(file)) {
        hex = coreutils.group(1);
      } else if (bsd.matches() && bsd.group(1).equals(file)) {
        hex = bsd.group(2);
      }
      if (hex.length() > best.length()) {
        best = hex;
      }
    }
    return best.isEmpty()
        ? Optional.empty()
        : Optional.of("sha" + best.length() * 4 + ":" + best.toLowerCase(Locale.ROOT));
  }
}
