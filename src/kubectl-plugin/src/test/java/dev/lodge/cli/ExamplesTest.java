package dev.lodge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the help of a verb tells people to type. */
class ExamplesTest {
  private static final String[] WITH_ALL_VERBS = {"completion"};

  static Stream<String> verbs() {
    return commandLine(WITH_ALL_VERBS).getSubcommands().keySet().stream();
  }

  private static CommandLine commandLine(String... words) {
    var context =
        new Context(
            InputStream.nullInputStream(),
            new PrintStream(PrintStream.nullOutputStream()),
            new PrintStream(PrintStream.nullOutputStream()),
            Map.of(),
            "");
    return Commands.commandLine(context, words)
        .registerConverter(Duration.class, new Durations())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /** The calls of lodge in a line of shell. */
  private static List<List<String>> calls(String line) {
    return Arrays.stream(line.replaceFirst("#.*", "").split("\\|"))
        .map(call -> call.replaceFirst("[<>].*", "").strip())
        .filter(call -> call.contains("lodge "))
        .map(call -> call.substring(call.indexOf("lodge ") + "lodge ".length()))
        .map(call -> List.of(call.replace("\"", "").split(" +")))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("verbs")
  void each_verb_shows_how_it_is_used_and_that_is_right(String verb) {
    String help = new Shell(Path.of("/nonexistent")).run(verb, "--help").out();

    if (!verb.equals("agent") && !verb.equals("completion")) {
      assertThat(help).contains("\nExamples:\n  lodge " + verb);
    }
    assertThat(help).doesNotContain("......");
    assertThat(help.lines()).allMatch(line -> line.length() <= 80);
    for (String line : Examples.of(verb)) {
      for (List<String> words : calls(line)) {
        var parsed = words.equals(List.of("stop")) ? List.of("stop", "vm/a") : words;
        assertThatCode(
                () ->
                    commandLine(parsed.toArray(String[]::new))
                        .parseArgs(parsed.toArray(String[]::new)))
            .as(line)
            .doesNotThrowAnyException();
      }
    }
  }
}
