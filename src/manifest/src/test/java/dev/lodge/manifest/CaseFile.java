package dev.lodge.manifest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A case of the table that holds for the Java rules and for a real API server alike. Comments at
 * the top of the file say who refuses it ({@code # layer:}) and what the message holds ({@code #
 * expect:}). {@code @repeat(n,text)@} stands for text n times, with {@code #i} as the number.
 *
 * @param text the manifests, without those comments
 */
record CaseFile(String folder, String name, String layer, List<String> expected, String text) {
  private static final Path ROOT = Path.of("src/test/resources/cases");
  private static final Pattern REPEAT = Pattern.compile("@repeat\\((\\d+),(.*)\\)@");

  static Stream<CaseFile> in(String folder) {
    try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
      return files.sorted().map(CaseFile::read).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CaseFile read(Path file) {
    String content;
    try {
      content = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String layer = "accepted";
    List<String> expected = new ArrayList<>();
    String rest = content;
    while (rest.startsWith("# layer: ") || rest.startsWith("# expect: ")) {
      String line = rest.substring(0, rest.indexOf('\n'));
      rest = rest.substring(line.length() + 1);
      String value = line.substring(line.indexOf(": ") + 2);
      if (line.startsWith("# layer")) {
        layer = value;
      } else {
        expected.add(value);
      }
    }
    String name = file.getFileName().toString().replace(".yaml", "");
    return new CaseFile(
        file.getParent().getFileName().toString(), name, layer, expected, expand(rest));
  }

  private static String expand(String text) {
    return REPEAT
        .matcher(text.replace("@nul@", "\0"))
        .replaceAll(m -> Matcher.quoteReplacement(repeated(m.group(2), m.group(1))));
  }

  private static String repeated(String text, String times) {
    var out = new StringBuilder();
    for (int i = 0; i < Integer.parseInt(times); i++) {
      out.append(text.replace("\\n", "\n").replace("#i", Integer.toString(i)));
    }
    return out.toString();
  }

  /** The documents, as they are written. */
  List<String> documents() {
    return Arrays.stream(text.split("(?m)^---\n")).filter(d -> !d.isBlank()).toList();
  }

  @Override
  public String toString() {
    return folder + "/" + name;
  }
}
