package dev.lodge.agent.apiserver;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * Threads for what may block, made when first needed. Pools apart, so that a stuck libvirt delays
 * nobody who only asks the store, and a guest that does not read its keyboard delays nobody's
 * output.
 */
final class Work implements AutoCloseable {
  private final WorkerExecutor quick;
  private final WorkerExecutor slow;
  private final WorkerExecutor files;
  private final WorkerExecutor keys;

  Work(Vertx vertx) {
    // The longest that Vert.x keeps silent about; libvirt has a watchdog of its own.
    long warnAfter = Duration.ofMinutes(2).toNanos();
    this.quick = vertx.createSharedWorkerExecutor("api", 2, warnAfter, TimeUnit.NANOSECONDS);
    this.slow = vertx.createSharedWorkerExecutor("api-slow", 4, warnAfter, TimeUnit.NANOSECONDS);
    this.files = vertx.createSharedWorkerExecutor("api-log", 1, warnAfter, TimeUnit.NANOSECONDS);
    this.keys = vertx.createSharedWorkerExecutor("api-keys", 4, warnAfter, TimeUnit.NANOSECONDS);
  }

  /** The store, JSON. */
  <T> Future<T> quick(Callable<T> call) {
    return quick.executeBlocking(call, false);
  }

  /** Logs of consoles. */
  WorkerExecutor files() {
    return files;
  }

  /** Keyboards of guests; each session sends one thing at a time. */
  Future<Void> keys(Callable<Void> call) {
    return keys.executeBlocking(call, false);
  }

  /** libvirt. */
  <T> Future<T> slow(Callable<T> call) {
    return slow.executeBlocking(call, false);
  }

  @Override
  public void close() {
    quick.close().onFailure(e -> {});
    slow.close().onFailure(e -> {});
    files.close().onFailure(e -> {});
    keys.close().onFailure(e -> {});
  }
}
