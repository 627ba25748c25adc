package dev.lodge.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CompletionTest extends CommandTest {

  private String complete(String... words) throws IOException, InterruptedException {
    Path script = file("completion", shell.run("completion", "bash").out());
    String line = String.join(" ", words);
    String code =
        """
        source %s
        COMP_WORDS=(%s) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE='%s' COMP_POINT=${#COMP_LINE}
        compopt() { :; } # works only while a key is pressed
        _complete_lodge
        echo "${COMPREPLY[@]}"
        """
            .formatted(script, line, line);
    Process bash = new ProcessBuilder("bash", "-c", code).redirectErrorStream(true).start();
    String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(out).isZero();
    return out.strip();
  }

  @Test
  void completesVerbsAndOptionsInBash() throws Exception {
    assertThat(complete("lodge", "sto")).isEqualTo("stop");
    assertThat(complete("lodge", "start", "--co")).isEqualTo("--console");
    assertThat(complete("lodge", "network", "l")).isEqualTo("leases");
    assertThat(complete("lodge", "get", "-o", "ya")).isEqualTo("yaml");
  }
}
