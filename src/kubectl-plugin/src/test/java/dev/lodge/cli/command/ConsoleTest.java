package dev.lodge.cli.command;

import static dev.lodge.cli.Objects.VERBS;
import static dev.lodge.cli.http.WebSocketFrames.accept;
import static dev.lodge.cli.http.WebSocketFrames.clientFrame;
import static dev.lodge.cli.http.WebSocketFrames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.cli.FakeAgent;
import dev.lodge.cli.Shell;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ConsoleTest extends CommandTest {
  private static final String CONSOLE = "GET " + VERBS + "/web/console";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void passesEveryByteOnAndEndsAtTheMarker() {
    agent.on(
        CONSOLE,
        (request, in, out) -> {
          accept(request, out);
          out.write(frame(0x82, new byte[] {0x1b, '[', '1', 'm', (byte) 0xff}));
          out.write(frame(0x82, bytes("guest lo")));
          out.write(frame(0x82, bytes("login: ")));
          out.flush();
          in.transferTo(OutputStream.nullOutputStream());
        });

    Shell.Result result = shell.run("console", "web", "--until", "login:");

    assertThat(result.out()).startsWith("\033[1m").contains("guest lologin: ");
    assertThat(result.code()).isZero();
  }

  @Test
  void sendsAScriptsInputAndGoesOnAfterItsEnd() throws Exception {
    var sent = new CompletableFuture<String>();
    agent.on(
        CONSOLE + "?device=serial",
        (request, in, out) -> {
          accept(request, out);
          out.flush();
          byte[] got = clientFrame(in);
          sent.complete(new String(got, 1, got.length - 1, StandardCharsets.UTF_8));
          out.write(frame(0x82, bytes("answer")));
          out.write(frame(0x88, new byte[] {3, (byte) 0xe8, 'o', 'f', 'f'}));
          out.flush();
        });

    Shell.Result result =
        shell.input("root\npoweroff\n").run("console", "web", "--device", "serial");

    assertThat(sent.get()).isEqualTo("root\npoweroff\n");
    assertThat(result.out()).isEqualTo("answer");
    assertThat(result.err()).isEqualTo("The console of web ended: off\n");
    assertThat(result.code()).isZero();
  }

  @Test
  void tellsWhoEndedTheSession() {
    agent.on(
        CONSOLE,
        (request, in, out) -> {
          accept(request, out);
          out.write(frame(0x88, new byte[] {3, (byte) 0xf0, 'b', 'y', ' ', 'a'}));
          out.flush();
        });

    Shell.Result taken = shell.run("console", "web");
    Shell.Result unseen = shell.run("console", "web", "--until", "x");

    assertThat(taken.err()).isEqualTo("error: by a\n");
    assertThat(taken.code()).isEqualTo(1);
    assertThat(unseen.err()).isEqualTo("error: the console ended before 'x': by a\n");
    assertThat(unseen.code()).isEqualTo(1);
  }

  @Test
  void endsAtTheDeadline() {
    agent.on(
        CONSOLE,
        (request, in, out) -> {
          accept(request, out);
          out.write(frame(0x82, bytes("boot")));
          out.flush();
          in.transferTo(OutputStream.nullOutputStream());
        });

    Shell.Result result = shell.run("console", "web", "--until", "login:", "--timeout", "1s");

    assertThat(result.out()).isEqualTo("boot");
    assertThat(result.err()).isEqualTo("error: 'login:' did not come in time\n");
    assertThat(result.code()).isEqualTo(6);
  }

  @Test
  void saysWhyThereIsNoConsole() {
    agent.json(CONSOLE, 409, FakeAgent.failure(409, "Conflict", "web does not run"));

    Shell.Result result = shell.run("console", "web");

    assertThat(result.err()).isEqualTo("error: web does not run\n");
    assertThat(result.code()).isEqualTo(4);
  }
}
