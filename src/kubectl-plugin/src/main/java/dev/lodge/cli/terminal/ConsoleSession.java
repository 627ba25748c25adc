package dev.lodge.cli.terminal;

import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Api;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.http.WebSocket;
import dev.lodge.cli.output.Sanitizer;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The user's terminal, or a script's pipes, and the console of a guest. Bytes of the guest go out
 * as they are: a terminal is what a console is made for.
 */
public final class ConsoleSession {
  /** Ctrl-], as telnet and virsh have it. */
  private static final byte ESCAPE = 0x1d;

  /** While the terminal may still be answering what the replay asked of it. */
  private static final Duration REPLAY = Duration.ofSeconds(2);

  private static final int GUEST_GONE = 1000;
  private static final int TAKEN = 1008;

  private final Context context;

  public ConsoleSession(Context context) {
    this.context = context;
  }

  /**
   * How to attach.
   *
   * @param device serial or virtio; empty: the first that the VM has
   * @param until ends once the guest has written this; null: goes on
   * @param timeout ends after this; null: never
   */
  public record Options(String device, @Nullable String until, @Nullable Duration timeout) {
    /** For a person who wants the first console. */
    public static Options interactive() {
      return new Options("", null, null);
    }
  }

  /** Why a session ended. */
  private sealed interface End {
    record Escaped() implements End {}

    record Found() implements End {}

    record Closed(int code, String reason) implements End {}

    record Broken(IOException why) implements End {}
  }

  /** Attaches until the escape key, the guest's end, the marker or the deadline. */
  public void attach(Target vm, Options options) {
    String path = Paths.query(Paths.subresource(vm, "console"), Map.of("device", options.device()));
    try (WebSocket socket = context.api().stream(path, Api.CONSOLE)) {
      if (context.inputIsTerminal()) {
        context.err().print("Connected to " + vm.name() + ". The escape key is Ctrl-].\n");
        context.err().flush();
        End end;
        try (RawMode raw = RawMode.enter()) {
          end = run(socket, options, true);
        }
        context.err().println();
        report(vm, end, options);
      } else {
        report(vm, run(socket, options, false), options);
      }
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILED, "the console broke: " + e.getMessage());
    }
  }

  private @Nullable End run(WebSocket socket, Options options, boolean escape) {
    var end = new CompletableFuture<End>();
    Thread.ofPlatform().daemon().name("output").start(() -> end.complete(output(socket, options)));
    Thread.ofPlatform().daemon().name("input").start(() -> input(socket, escape, end));
    try {
      Duration timeout = options.timeout();
      return timeout == null ? end.get() : end.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new End.Escaped();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private End output(WebSocket socket, Options options) {
    String until = options.until();
    Marker marker = until == null ? null : new Marker(until);
    try {
      for (byte[] piece = socket.receive(); piece != null; piece = socket.receive()) {
        context.out().write(piece, 0, piece.length);
        context.out().flush();
        if (marker != null && marker.find(piece) >= 0) {
          return new End.Found();
        }
      }
      return new End.Closed(socket.closeCode(), socket.closeReason());
    } catch (IOException e) {
      return new End.Broken(e);
    }
  }

  /** The end of a script's input is not the end of the session: what the guest answers counts. */
  private void input(WebSocket socket, boolean escape, CompletableFuture<End> end) {
    var buffer = new byte[4096];
    long replayed = System.nanoTime() + REPLAY.toNanos();
    try {
      for (int n = context.in().read(buffer); n >= 0; n = context.in().read(buffer)) {
        if (escape && System.nanoTime() < replayed) {
          n = Replies.strip(buffer, n);
        }
        int escaped = escape ? indexOf(buffer, n) : -1;
        int length = escaped < 0 ? n : escaped;
        if (length > 0) {
          socket.send(buffer, 0, length);
        }
        if (escaped >= 0) {
          end.complete(new End.Escaped());
          return;
        }
      }
    } catch (IOException e) {
      // The reader of the same socket sees it too, and knows why.
    }
  }

  private static int indexOf(byte[] buffer, int length) {
    for (int i = 0; i < length; i++) {
      if (buffer[i] == ESCAPE) {
        return i;
      }
    }
    return -1;
  }

  private void report(Target vm, @Nullable End end, Options options) {
    switch (end) {
      case null ->
          throw new Failure(
              ExitCode.TIMED_OUT,
              options.until() == null
                  ? "the time is up"
                  : "'" + options.until() + "' did not come in time");
      case End.Escaped escaped -> say("Detached from " + vm.name() + "; the guest runs on.");
      case End.Found found -> context.out().println();
      case End.Closed closed -> closed(vm, closed, options);
      case End.Broken broken ->
          throw new Failure(ExitCode.FAILED, "the console broke: " + broken.why().getMessage());
    }
  }

  private void closed(Target vm, End.Closed closed, Options options) {
    String reason = Sanitizer.line(closed.reason());
    if (options.until() != null) {
      throw new Failure(
          ExitCode.FAILED, "the console ended before '" + options.until() + "'" + because(reason));
    }
    if (closed.code() == GUEST_GONE) {
      say("The console of " + vm.name() + " ended" + because(reason));
      return;
    }
    throw new Failure(
        ExitCode.FAILED,
        closed.code() == TAKEN && !reason.isEmpty()
            ? reason
            : "the agent closed the console (" + closed.code() + ")" + because(reason));
  }

  private static String because(String reason) {
    return reason.isEmpty() ? "." : ": " + reason;
  }

  private void say(String text) {
    context.err().println(text);
    context.err().flush();
  }
}
