package dev.lodge.testkit.hypervisor;

import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One console of a domain in memory: it records what was typed, and knows who holds it. */
final class MemoryConsole {
  private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
  private @Nullable Session holder;

  /** Opens a session; the one before it is ended. */
  synchronized ConsoleInput open() {
    end();
    Session s = new Session();
    holder = s;
    return s;
  }

  /** Ends the session that is open, if one is. */
  synchronized void end() {
    if (holder != null) {
      holder.ended.complete(null);
      holder = null;
    }
  }

  synchronized byte[] typed() {
    return typed.toByteArray();
  }

  private final class Session implements ConsoleInput {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    @Override
    public void send(byte[] bytes) {
      synchronized (MemoryConsole.this) {
        if (holder != this) {
          throw new HypervisorException(
              new HypervisorFailure.NotFound("the console session has ended"));
        }
        typed.writeBytes(bytes);
      }
    }

    @Override
    public CompletionStage<Void> ended() {
      return ended.minimalCompletionStage();
    }

    @Override
    public void close() {
      synchronized (MemoryConsole.this) {
        if (holder == this) {
          end();
        }
      }
    }
  }
}
