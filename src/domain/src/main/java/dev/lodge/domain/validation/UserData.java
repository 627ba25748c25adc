package dev.lodge.domain.validation;

import java.util.List;

/** What cloud-init makes of user data, which it tells by its beginning. */
final class UserData {
  private static final int SHOWN = 40;
  private static final List<String> BEGINNINGS =
      List.of(
          "#cloud-config",
          "#!",
          "#include",
          "#cloud-boothook",
          "#part-handler",
          "#upstart-job",
          "#cloud-config-archive",
          "## template: jinja",
          "MIME-Version:",
          "Content-Type:",
          "\u001f\u008b");

  private UserData() {}

  static boolean isKnown(String text) {
    String lower = text.toLowerCase(java.util.Locale.ROOT);
    return BEGINNINGS.stream()
        .anyMatch(b -> lower.startsWith(b.toLowerCase(java.util.Locale.ROOT)));
  }

  /** The first line, fit for a message. */
  static String firstLine(String text) {
    String line = text.lines().findFirst().orElse("");
    String cut = line.substring(0, Math.min(SHOWN, line.length()));
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
