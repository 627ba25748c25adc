package dev.lodge.cli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.FakeAgent;
import dev.lodge.cli.client.Api;
import dev.lodge.cli.client.ApiFailure;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransportTest {
  @TempDir Path directory;
  private FakeAgent agent;
  private Transport transport;

  @BeforeEach
  void start() throws IOException {
    agent = new FakeAgent(directory);
    transport = new Transport(agent.socket(), "");
  }

  @AfterEach
  void stop() throws IOException {
    agent.close();
  }

  private String body(String path) throws IOException {
    var request = new Transport.Request("GET", path, Api.JSON, null, Duration.ofSeconds(20));
    try (HttpAnswer answer = transport.send(request)) {
      return new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void readsABodyOfKnownLengthAndNoByteMore() throws IOException {
    agent.on(
        "GET /a",
        (request, in, out) -> {
          out.write(FakeAgent.response(200, "{\"a\":\"ä\"}"));
          out.write(FakeAgent.ascii("HTTP/1.1 500 next answer"));
        });

    assertThat(body("/a")).isEqualTo("{\"a\":\"ä\"}");
  }

  @Test
  void readsAChunkedBodyWithExtensionsAndTrailers() throws IOException {
    String text = "{\"items\":[" + "\"0123456789\",".repeat(3000) + "\"é\"]}";
    agent.chunked("GET /a", text);

    assertThat(body("/a")).isEqualTo(text);
  }

  @Test
  void readsUntilTheEndWhereNoLengthIsSaid() throws IOException {
    agent.on(
        "GET /a",
        (request, in, out) -> out.write(FakeAgent.ascii("HTTP/1.0 200 OK\n\nto the end")));

    assertThat(body("/a")).isEqualTo("to the end");
  }

  @Test
  void skipsInterimAnswers() throws IOException {
    agent.on(
        "GET /a",
        (request, in, out) -> {
          out.write(FakeAgent.ascii("HTTP/1.1 100 Continue\r\n\r\n"));
          out.write(FakeAgent.response(200, "{}"));
        });

    assertThat(body("/a")).isEqualTo("{}");
  }

  @Test
  void tellsABodyThatIsCutOffFromOneThatIsComplete() {
    agent.on(
        "GET /short",
        (request, in, out) ->
            out.write(FakeAgent.ascii("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")));
    agent.on(
        "GET /chunk",
        (request, in, out) ->
            out.write(
                FakeAgent.ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf")));

    assertThatThrownBy(() -> body("/short")).hasMessageContaining("in the middle of its answer");
    assertThatThrownBy(() -> body("/chunk")).hasMessageContaining("in the middle of its answer");
  }

  @Test
  void refusesWhatIsNoHttpAndWhatNeverEnds() {
    agent.on("GET /ssh", (request, in, out) -> out.write(FakeAgent.ascii("SSH-2.0-OpenSSH\r\n")));
    agent.on(
        "GET /head",
        (request, in, out) -> {
          out.write(FakeAgent.ascii("HTTP/1.1 200 OK\r\n"));
          out.write(FakeAgent.ascii("X: y\r\n".repeat(20_000)));
        });

    assertThatThrownBy(() -> body("/ssh")).hasMessageContaining("speaks no HTTP");
    assertThatThrownBy(() -> body("/head")).hasMessageContaining("exceeds");
  }

  @Test
  void givesUpWaitingWhenToldTo() {
    var released = new CountDownLatch(1);
    agent.on(
        "GET /slow",
        (request, in, out) -> {
          out.write(FakeAgent.ascii("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"));
          out.flush();
          try {
            released.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    var request = new Transport.Request("GET", "/slow", Api.JSON, null, Duration.ofMillis(200));

    assertThatThrownBy(
            () -> {
              try (HttpAnswer answer = transport.send(request)) {
                answer.body().readAllBytes();
              }
            })
        .isInstanceOf(SocketTimeoutException.class);
    released.countDown();
  }

  @Test
  void sendsABodyLargerThanTheSocketsBuffer() throws IOException {
    agent.json("PUT /a", 200, "{}");
    byte[] large = "x".repeat(2_000_000).getBytes(StandardCharsets.US_ASCII);
    var request = new Transport.Request("PUT", "/a", Api.JSON, large, Duration.ofSeconds(20));

    try (HttpAnswer answer = transport.send(request)) {
      assertThat(answer.status()).isEqualTo(200);
    }

    assertThat(agent.requests().getFirst().body()).hasSize(2_000_000);
  }

  @Test
  void putsTheBasePathBeforeEveryPath() throws IOException {
    agent.json("GET /base/a", 200, "{}");
    transport = new Transport(agent.socket(), "/base");

    assertThat(body("/a")).isEqualTo("{}");
  }

  @Test
  void saysHowToStartAnAgentWhereNoneListens() {
    var nobody = new Api(new Transport(directory.resolve("none.sock"), ""));

    assertThatThrownBy(() -> nobody.get("/a"))
        .isInstanceOfSatisfying(
            Failure.class, f -> assertThat(f.code()).isEqualTo(ExitCode.UNREACHABLE))
        .hasMessageContaining("no agent listens on " + directory.resolve("none.sock"))
        .hasMessageContaining("lodge agent");
  }

  @Test
  void saysTheSameOfASocketThatAKilledAgentLeft() throws IOException {
    Path left = directory.resolve("left.sock");
    new FakeAgent(Files.createDirectory(directory.resolve("d"))).close();
    try (var server =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      server.bind(java.net.UnixDomainSocketAddress.of(left));
    }

    assertThatThrownBy(() -> new Api(new Transport(left, "")).get("/a"))
        .hasMessageContaining("no agent listens on " + left);
  }

  @Test
  void tellsAStatusObjectOfAFailureInItsOwnWords() {
    agent.json("GET /a", 409, FakeAgent.failure(409, "Conflict", "the VM is being deleted"));
    agent.on(
        "GET /b",
        (request, in, out) ->
            out.write(FakeAgent.ascii("HTTP/1.1 500 X\r\nContent-Length: 4\r\n\r\nboom")));
    var api = new Api(transport);

    assertThatThrownBy(() -> api.get("/a"))
        .isInstanceOfSatisfying(
            ApiFailure.class,
            f -> {
              assertThat(f.status()).isEqualTo(409);
              assertThat(f.reason()).isEqualTo("Conflict");
              assertThat(f.code()).isEqualTo(ExitCode.REFUSED);
            })
        .hasMessage("the VM is being deleted");
    assertThatThrownBy(() -> api.get("/b"))
        .isInstanceOfSatisfying(Failure.class, f -> assertThat(f.code()).isEqualTo(ExitCode.FAILED))
        .hasMessage("boom");
    assertThatThrownBy(() -> api.get("/none")).hasMessage("nothing at GET /none");
  }

  @Test
  void saysToRunAsRootWhereTheSocketIsNotOurs() throws IOException {
    org.junit.jupiter.api.Assumptions.assumeFalse(
        Files.isWritable(Path.of("/proc/1/mem")), "root may open every socket");
    Files.setPosixFilePermissions(agent.socket(), PosixFilePermissions.fromString("---------"));

    assertThatThrownBy(() -> body("/a")).hasMessageContaining("root");
  }
}
