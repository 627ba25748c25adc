package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.HypervisorEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From libvirt's event loop to the listeners: whoever adds never waits, and listeners are called
 * one after the other on one thread. A new listener first hears whether there is a connection.
 */
final class EventQueue {
  private sealed interface Item {}

  private record Event(HypervisorEvent event) implements Item {}

  private record Listener(Consumer<HypervisorEvent> listener) implements Item {}

  private record End() implements Item {}

  private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
  private final List<Consumer<HypervisorEvent>> listeners = new ArrayList<>();
  private @Nullable HypervisorEvent connection;

  EventQueue() {
    Thread.ofPlatform().daemon().name("lodge-hypervisor-events").start(this::run);
  }

  void add(HypervisorEvent event) {
    items.add(new Event(event));
  }

  void listen(Consumer<HypervisorEvent> listener) {
    items.add(new Listener(listener));
  }

  /** Ends the thread once what was added before is delivered. */
  void close() {
    items.add(new End());
  }

  private void run() {
    try {
      while (true) {
        switch (items.take()) {
          case Event e -> {
            if (!(e.event() instanceof HypervisorEvent.DomainChanged
                || e.event() instanceof HypervisorEvent.DomainEnded)) {
              connection = e.event();
            }
            listeners.forEach(l -> tell(l, e.event()));
          }
          case Listener l -> {
            listeners.add(l.listener());
            if (connection != null) {
              tell(l.listener(), connection);
            }
          }
          case End end -> {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A listener that fails must not keep the others from hearing. */
  private static void tell(Consumer<HypervisorEvent> listener, HypervisorEvent event) {
    try {
      listener.accept(event);
    } catch (RuntimeException e) {
      System.getLogger(EventQueue.class.getName())
          .log(System.Logger.Level.ERROR, "a listener failed on " + event, e);
    }
  }
}
