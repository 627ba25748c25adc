package dev.lodge.domain.hypervisor;

import java.util.concurrent.CompletionStage;

/**
 * The keyboard of a console. Output is read from the console's log instead: nothing is lost there.
 */
public interface ConsoleInput extends AutoCloseable {

  /** Sends bytes; blocks while the guest does not read, at most a few seconds. */
  void send(byte[] bytes);

  /** Completes when the guest is gone or another session took the keyboard. */
  CompletionStage<Void> ended();

  @Override
  void close();
}
