package dev.lodge.cli.client;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.http.HttpAnswer;
import dev.lodge.cli.http.Transport;
import dev.lodge.cli.http.WebSocket;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The API as JSON trees. Every failure is a {@link Failure} that people can read. */
public final class Api {
  /** Plain JSON. */
  public static final String JSON = "application/json";

  /** A table made by the server, as kubectl asks for it. */
  public static final String TABLE =
      "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

  /** The subprotocol of consoles. */
  public static final String CONSOLE = "v1.console.lodge.dev";

  private final Transport transport;

  public Api(Transport transport) {
    this.transport = transport;
  }

  /** Reads an object. */
  public JsonNode get(String path) {
    return get(path, JSON);
  }

  /** Reads an object in another form, e.g. {@link #TABLE}. */
  public JsonNode get(String path, String accept) {
    return exchange("GET", path, accept, null);
  }

  /** Reads an object that may not be there. */
  public Optional<JsonNode> find(String path) {
    try {
      return Optional.of(get(path));
    } catch (ApiFailure e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Creates an object. */
  public JsonNode create(String path, JsonNode object) {
    return exchange("POST", path, JSON, object);
  }

  /** Replaces an object, or does a verb. */
  public JsonNode put(String path, JsonNode object) {
    return exchange("PUT", path, JSON, object);
  }

  /** Deletes an object. */
  public JsonNode delete(String path) {
    return exchange("DELETE", path, JSON, null);
  }

  /** Reads text, e.g. XML. */
  public String text(String path) {
    try (HttpAnswer answer = open(path, "*/*", Transport.ANSWER)) {
      return new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * Opens an answer that is read as it comes.
   *
   * @param idle the longest wait for the next byte; zero: for ever
   */
  public HttpAnswer open(String path, String accept, Duration idle) {
    try {
      HttpAnswer answer = transport.send(new Transport.Request("GET", path, accept, null, idle));
      if (answer.status() < 300) {
        return answer;
      }
      try (answer) {
        throw failure(answer, path);
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Opens a watch; each event is an object with {@code type} and {@code object}. */
  public Watch watch(String path, String accept) {
    return new Watch(open(path, accept, Transport.ENDLESS));
  }

  /** Opens a stream in both directions. */
  public WebSocket stream(String path, String subprotocol) {
    try {
      switch (transport.webSocket(path, subprotocol)) {
        case Transport.Upgrade.Open open -> {
          return open.socket();
        }
        case Transport.Upgrade.Refused refused -> {
          try (HttpAnswer answer = refused.answer()) {
            throw failure(answer, path);
          }
        }
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** How a connection that broke is told to people. */
  static Failure broken(IOException e) {
    ExitCode code = e instanceof SocketTimeoutException ? ExitCode.TIMED_OUT : ExitCode.FAILED;
    return new Failure(code, "the connection to the agent broke: " + e.getMessage());
  }

  private JsonNode exchange(String method, String path, String accept, @Nullable JsonNode body) {
    var request =
        new Transport.Request(
            method, path, accept, body == null ? null : Json.bytes(body), Transport.ANSWER);
    try (HttpAnswer answer = transport.send(request)) {
      if (answer.status() >= 300) {
        throw failure(answer, path);
      }
      return Json.read(answer.body());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private static ApiFailure failure(HttpAnswer answer, String path) throws IOException {
    byte[] bytes = answer.body().readAllBytes();
    JsonNode body = MissingNode.getInstance();
    String type = answer.header("content-type");
    if (type != null && type.startsWith(JSON)) {
      try {
        body = Json.read(bytes);
      } catch (JacksonException e) {
        // An error page that claims to be JSON: its text is still the best there is.
      }
    }
    String text = new String(bytes, StandardCharsets.UTF_8).strip();
    String fallback = "HTTP status " + answer.status() + " for " + path;
    return ApiFailure.of(
        answer.status(), body, text.isEmpty() || text.length() > 500 ? fallback : text);
  }
}
