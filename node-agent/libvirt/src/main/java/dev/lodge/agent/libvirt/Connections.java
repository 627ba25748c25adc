package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection for each {@link Role}. That for quick calls and events is opened first and again
 * for ever, with growing pauses; the others are opened when they are needed and only while it
 * stands. Whoever is told of {@link HypervisorEvent.Connected} lists everything: nobody saw what
 * happened before.
 */
final class Connections {
  /** What a connection is for; what is slow or may hang stays away from what is quick. */
  enum Role {
    QUICK,
    SLOW
  }

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final LibvirtConfig config;
  private final EventQueue events;
  private final ScheduledExecutorService watchdog;
  private final Executor closer;
  private final Map<Role, Slot> slots = new EnumMap<>(Role.class);
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile HypervisorFailure down =
      new HypervisorFailure.Unavailable("not yet connected to libvirt");
  private volatile boolean up;

  private static final class Slot {
    private volatile @Nullable NativeConnection connection;
  }

  Connections(LibvirtConfig config, EventQueue events) {
    this.config = config;
    this.events = events;
    for (Role role : Role.values()) {
      slots.put(role, new Slot());
    }
    // Never shut down, so that an attempt to connect may still be under way at the end.
    ScheduledThreadPoolExecutor alarms =
        new ScheduledThreadPoolExecutor(1, NativeThreads.named("lodge-libvirt-watchdog"));
    alarms.setKeepAliveTime(10, TimeUnit.SECONDS);
    alarms.allowCoreThreadTimeOut(true);
    alarms.setRemoveOnCancelPolicy(true);
    watchdog = alarms;
    ThreadPoolExecutor one =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            NativeThreads.named("lodge-libvirt-closer"));
    one.allowCoreThreadTimeOut(true);
    closer = one;
  }

  /** Begins to connect, in the background. */
  void start() {
    EventLoop.start();
    NativeThreads.named("lodge-libvirt-connect").newThread(this::run).start();
  }

  /**
   * A connection on which a call may begin; it must be left afterwards.
   *
   * @throws HypervisorException if there is none
   * @throws LibvirtError if it cannot be opened
   */
  NativeConnection enter(Role role) throws LibvirtError {
    Slot slot = slot(role);
    NativeConnection c = slot.connection;
    if (c != null && c.enter()) {
      return c;
    }
    synchronized (slot) {
      c = slot.connection;
      if (c != null && c.enter()) {
        return c;
      }
      if (role == Role.QUICK || !up) {
        throw new HypervisorException(down);
      }
      c = NativeConnection.open(config, closer, watchdog);
      slot.connection = c;
      if (closed.getCount() == 0) {
        c.drop("closed");
      }
    }
    if (!c.enter()) {
      throw new HypervisorException(down);
    }
    return c;
  }

  /** Drops all connections and opens no more. */
  void close() {
    down = new HypervisorFailure.Unavailable("the connection to libvirt was closed");
    up = false;
    closed.countDown();
    for (Slot slot : slots.values()) {
      NativeConnection c = slot.connection;
      if (c != null) {
        c.drop("closed");
      }
    }
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    try {
      do {
        if (connectAndWait()) {
          pause = FIRST_PAUSE;
        } else {
          pause = pause.multipliedBy(2);
          pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        }
      } while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether there was a connection, which has now ended. */
  private boolean connectAndWait() throws InterruptedException {
    NativeConnection c;
    try {
      c = NativeConnection.open(config, closer, watchdog);
      slot(Role.QUICK).connection = c;
      if (c.enter()) {
        try {
          c.listen(DomainEvents.callbacks(), events::add);
        } finally {
          c.leave();
        }
      }
    } catch (LibvirtError e) {
      drop(slot(Role.QUICK).connection, e.text());
      disconnected(FailureMapper.connecting(e));
      return false;
    }
    if (closed.getCount() == 0) {
      c.drop("closed");
      return true;
    }
    up = true;
    events.add(new HypervisorEvent.Connected());
    String why;
    try {
      why = c.ended().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a connection never ends exceptionally", e);
    }
    up = false;
    disconnected(new HypervisorFailure.Unavailable(why));
    return true;
  }

  /** Says each reason once, not at every attempt. */
  private void disconnected(HypervisorFailure why) {
    boolean news = !why.equals(down);
    if (closed.getCount() > 0) {
      down = why;
    }
    if (news) {
      events.add(new HypervisorEvent.Disconnected(why.message()));
    }
  }

  private static void drop(@Nullable NativeConnection c, String why) {
    if (c != null) {
      c.drop(why);
    }
  }

  private Slot slot(Role role) {
    Slot slot = slots.get(role);
    if (slot == null) {
      throw new IllegalStateException("every role has its slot");
    }
    return slot;
  }
}
