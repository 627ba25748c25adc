package dev.lodge.agent.libvirt;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.Handles;
import org.libvirt.LibvirtException;
import org.libvirt.jna.ConnectionPointer;

/**
 * One open connection. It ends once: by itself (the daemon went away), or because it is dropped.
 * Its handle is closed when the last call on it has returned, so that no call meets a freed handle.
 */
final class NativeConnection {
  /** Connections that were opened and not closed, by the number that callbacks carry. */
  private static final Map<Long, NativeConnection> OPEN = new ConcurrentHashMap<>();

  private static final int MISSED_ANSWERS = 3;
  private static final AtomicLong NUMBERS = new AtomicLong();

  /** Opening is one at a time: the socket that is new afterwards belongs to the new connection. */
  private static final Object OPENING = new Object();

  /** One for all connections and for ever: libvirt may call it while a connection is closed. */
  private static final LibvirtNative.CloseCallback ON_CLOSE = NativeConnection::onClose;

  private final long number = NUMBERS.incrementAndGet();
  private final Connect connect;
  private final Set<DaemonSocket> sockets;
  private final Executor closer;
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final List<Integer> callbacks = new ArrayList<>();
  private volatile @Nullable Consumer<HypervisorEvent> sink;
  private int users;
  private boolean closing;

  private NativeConnection(Connect connect, Set<DaemonSocket> sockets, Executor closer) {
    this.connect = connect;
    this.sockets = sockets;
    this.closer = closer;
  }

  /**
   * Opens a connection; gives up when the deadline of quick calls is over.
   *
   * @param closer where connections are closed; never the event loop
   * @param watchdog what ends an attempt that hangs
   */
  static NativeConnection open(
      LibvirtConfig config, Executor closer, ScheduledExecutorService watchdog)
      throws LibvirtError {
    synchronized (OPENING) {
      Set<DaemonSocket> before = DaemonSocket.all();
      Future<?> alarm =
          watchdog.schedule(
              () -> newSockets(before).forEach(DaemonSocket::shutDown),
              config.quick().toMillis(),
              TimeUnit.MILLISECONDS);
      try {
        Connect connect = new Connect(config.uri());
        NativeConnection c = new NativeConnection(connect, newSockets(before), closer);
        OPEN.put(c.number, c);
        c.prepare(config);
        return c;
      } catch (LibvirtException e) {
        throw LibvirtError.of(e);
      } finally {
        alarm.cancel(false);
      }
    }
  }

  private static Set<DaemonSocket> newSockets(Set<DaemonSocket> before) {
    Set<DaemonSocket> now = new LinkedHashSet<>(DaemonSocket.all());
    now.removeAll(before);
    return now;
  }

  /** The test driver has neither keepalive nor an end. */
  private void prepare(LibvirtConfig config) {
    int interval = (int) config.keepAlive().toSeconds();
    if (LibvirtNative.VIRT.virConnectSetKeepAlive(handle(), interval, MISSED_ANSWERS) == 0) {
      LibvirtNative.VIRT.virConnectRegisterCloseCallback(
          handle(), ON_CLOSE, Pointer.createConstant(number), null);
    }
  }

  ConnectionPointer handle() {
    return Handles.of(connect);
  }

  /**
   * Has libvirt call back on events of domains.
   *
   * @param to must not block: it is called on the event loop
   */
  void listen(Map<Integer, Callback> events, Consumer<HypervisorEvent> to) throws LibvirtError {
    sink = to;
    for (Map.Entry<Integer, Callback> e : events.entrySet()) {
      callbacks.add(
          LibvirtError.check(
              LibvirtNative.VIRT.virConnectDomainEventRegisterAny(
                  handle(), null, e.getKey(), e.getValue(), Pointer.createConstant(number), null)));
    }
  }

  /** Hands an event on to whoever listens to the connection that has this number. */
  static void emit(Pointer number, HypervisorEvent event) {
    NativeConnection c = OPEN.get(Pointer.nativeValue(number));
    Consumer<HypervisorEvent> to = c == null ? null : c.sink;
    if (to != null) {
      to.accept(event);
    }
  }

  /** Completes with the reason when the connection is of no use any more. */
  CompletableFuture<String> ended() {
    return ended;
  }

  boolean usable() {
    return !ended.isDone();
  }

  /** Begins a call; false: the connection has ended. */
  synchronized boolean enter() {
    if (ended.isDone()) {
      return false;
    }
    users++;
    return true;
  }

  /** Ends a call that {@link #enter} began. */
  synchronized void leave() {
    users--;
    closeIfUnused();
  }

  /** Gives the connection up: calls on it fail now, and it is closed when they have returned. */
  void drop(String why) {
    if (ended.complete(why)) {
      sockets.forEach(DaemonSocket::shutDown);
      synchronized (this) {
        closeIfUnused();
      }
    }
  }

  /** Whether libvirt's client still holds it for open; asks nobody. */
  boolean alive() {
    return LibvirtNative.VIRT.virConnectIsAlive(handle()) == 1;
  }

  private void closeIfUnused() {
    if (users == 0 && ended.isDone() && !closing) {
      closing = true;
      closer.execute(this::close);
    }
  }

  private void close() {
    // A connection that keeps a callback is never freed.
    for (int callback : callbacks) {
      LibvirtNative.VIRT.virConnectDomainEventDeregisterAny(handle(), callback);
    }
    LibvirtNative.VIRT.virConnectUnregisterCloseCallback(handle(), ON_CLOSE);
    try {
      connect.close();
    } catch (LibvirtException e) {
      // The daemon is gone: libvirt says so and has freed its side all the same.
    }
    OPEN.remove(number);
  }

  private static void onClose(Pointer connection, int reason, Pointer opaque) {
    NativeConnection c = OPEN.get(Pointer.nativeValue(opaque));
    if (c != null) {
      c.drop(
          switch (reason) {
            case 1 -> "libvirtd closed the connection";
            case 2 -> "libvirtd does not answer";
            default -> "the connection to libvirtd broke";
          });
    }
  }
}
