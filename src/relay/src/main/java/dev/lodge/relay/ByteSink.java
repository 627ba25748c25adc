package dev.lodge.relay;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** Where the bytes of a WebSocket's client go. Called on the event loop, so it must not block. */
public interface ByteSink {

  /**
   * Takes bytes, in the order of the calls; completes when they are through. Until then they count
   * against what the relay lets wait.
   */
  Future<Void> write(Buffer bytes);

  /** No more will come. */
  void close();
}
