package dev.lodge.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.http.HttpAnswer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The lines of a watch. */
public final class Watch implements AutoCloseable {
  private final HttpAnswer answer;
  private final BufferedReader lines;

  Watch(HttpAnswer answer) {
    this.answer = answer;
    this.lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8), 8192);
  }

  /**
   * The next event that is no bookmark; null once the server ends the watch.
   *
   * @throws Failure the server sent an ERROR event, or the connection broke
   */
  public @Nullable JsonNode next() {
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isBlank()) {
          continue;
        }
        JsonNode event = Json.read(line.getBytes(StandardCharsets.UTF_8));
        String type = event.path("type").asText();
        if (type.equals("ERROR")) {
          throw ApiFailure.of(
              event.path("object").path("code").asInt(500), event.path("object"), line);
        }
        if (!type.equals("BOOKMARK")) {
          return event;
        }
      }
      return null;
    } catch (IOException e) {
      throw Api.broken(e);
    }
  }

  @Override
  public void close() {
    try {
      answer.close();
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILED, "closing a watch: " + e.getMessage());
    }
  }
}
