package dev.lodge.agent.libvirt;

import org.libvirt.Library;
import org.libvirt.LibvirtException;

/**
 * libvirt's event loop: one per process, registered before the first connection is opened. Its
 * thread never ends; a JVM that exits in the orderly way waits 0.3 s for it, so whoever minds that
 * halts.
 */
final class EventLoop {
  private static boolean started;

  private EventLoop() {}

  /** Starts the loop, once; with that libvirt also stops printing errors. */
  static synchronized void start() {
    if (started) {
      return;
    }
    try {
      LibvirtNative.silence();
      Library.initEventLoop();
    } catch (LibvirtException e) {
      throw new IllegalStateException("libvirt's event loop cannot be registered", e);
    }
    Thread.ofPlatform().daemon().name("libvirt-events").start(EventLoop::run);
    started = true;
  }

  private static void run() {
    while (true) {
      try {
        Library.processEvent();
      } catch (LibvirtException e) {
        System.getLogger(EventLoop.class.getName())
            .log(System.Logger.Level.WARNING, "libvirt's event loop: {0}", e.getMessage());
      }
    }
  }
}
