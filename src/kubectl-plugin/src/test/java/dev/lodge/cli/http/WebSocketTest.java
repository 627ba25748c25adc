package dev.lodge.cli.http;

import static dev.lodge.cli.http.WebSocketFrames.accept;
import static dev.lodge.cli.http.WebSocketFrames.clientFrame;
import static dev.lodge.cli.http.WebSocketFrames.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.cli.FakeAgent;
import dev.lodge.cli.client.Api;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebSocketTest {
  @TempDir Path directory;
  private FakeAgent agent;
  private Api api;

  @BeforeEach
  void start() throws IOException {
    agent = new FakeAgent(directory);
    api = new Api(new Transport(agent.socket(), ""));
  }

  @AfterEach
  void stop() throws IOException {
    agent.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void receivesFramesOfEverySizeAndFragments() throws IOException {
    String large = "x".repeat(70_000);
    agent.on(
        "GET /c",
        (request, in, out) -> {
          accept(request, out);
          out.write(frame(0x02, bytes("frag")));
          out.write(frame(0x80, bytes("ment")));
          out.write(frame(0x82, new byte[0]));
          out.write(frame(0x82, bytes("y".repeat(300))));
          out.write(frame(0x82, bytes(large)));
          out.write(frame(0x88, new byte[] {3, (byte) 0xe8, 'b', 'y', 'e'}));
          out.flush();
          clientFrame(in);
        });

    try (WebSocket socket = api.stream("/c", "p")) {
      assertThat(socket.receive()).isEqualTo(bytes("frag"));
      assertThat(socket.receive()).isEqualTo(bytes("ment"));
      assertThat(socket.receive()).isEqualTo(bytes("y".repeat(300)));
      assertThat(socket.receive()).isEqualTo(bytes(large));
      assertThat(socket.receive()).isNull();
      assertThat(socket.closeCode()).isEqualTo(1000);
      assertThat(socket.closeReason()).isEqualTo("bye");
    }
  }

  @Test
  void sendsMaskedFramesOfEverySizeAndAnswersPings() throws Exception {
    var seen = new CompletableFuture<String>();
    agent.on(
        "GET /c",
        (request, in, out) -> {
          accept(request, out);
          out.write(frame(0x89, bytes("ping?")));
          out.flush();
          var log = new StringBuilder();
          for (int i = 0; i < 5; i++) {
            byte[] f = clientFrame(in);
            log.append(Integer.toHexString(f[0] & 0xff))
                .append(':')
                .append(f.length - 1)
                .append(' ');
          }
          out.write(frame(0x82, bytes("done")));
          out.flush();
          seen.complete(log.toString());
        });

    try (WebSocket socket = api.stream("/c", "p")) {
      socket.send(bytes("x".repeat(5)), 0, 5);
      socket.send(bytes("x".repeat(126)), 0, 126);
      socket.send(bytes("x".repeat(65536)), 0, 65536);
      socket.send(bytes("abc"), 1, 1);
      assertThat(socket.receive()).isEqualTo(bytes("done"));
    }

    assertThat(seen.get().split(" "))
        .containsExactlyInAnyOrder("82:5", "82:126", "82:65536", "82:1", "8a:5");
  }

  @Test
  void refusesAServerThatDidNotReadTheKey() {
    agent.on(
        "GET /c",
        (request, in, out) ->
            out.write(
                FakeAgent.ascii(
                    "HTTP/1.1 101 X\r\nSec-WebSocket-Protocol: p\r\nSec-WebSocket-Accept: AAAA\r\n\r\n")));

    assertThatThrownBy(() -> api.stream("/c", "p")).hasMessageContaining("another protocol");
  }

  @Test
  void tellsWhyTheServerRefuses() {
    agent.json("GET /c", 409, FakeAgent.failure(409, "Conflict", "the VM does not run"));

    assertThatThrownBy(() -> api.stream("/c", "p")).hasMessage("the VM does not run");
  }

  @Test
  void refusesAFrameThatWouldFillTheMemory() throws IOException {
    agent.on(
        "GET /c",
        (request, in, out) -> {
          accept(request, out);
          out.write(new byte[] {(byte) 0x82, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0});
        });

    try (WebSocket socket = api.stream("/c", "p")) {
      assertThatThrownBy(socket::receive).hasMessageContaining("WebSocket frame of");
    }
  }
}
