package dev.lodge.agent.libvirt;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Platform threads for native calls: libvirt keeps its last error per OS thread, and a virtual
 * thread may read another's.
 */
final class NativeThreads {
  private static final long STACK = 512 << 10;

  private NativeThreads() {}

  /** Daemon threads of this name. */
  static ThreadFactory named(String name) {
    AtomicInteger number = new AtomicInteger();
    return body ->
        Thread.ofPlatform()
            .daemon()
            .stackSize(STACK)
            .name(name + "-" + number.incrementAndGet())
            .unstarted(body);
  }
}
