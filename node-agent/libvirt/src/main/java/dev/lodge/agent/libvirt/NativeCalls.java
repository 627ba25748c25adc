package dev.lodge.agent.libvirt;

import dev.lodge.agent.libvirt.Connections.Role;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs calls on a bounded pool of platform threads, each with a deadline. A call that is not over
 * by then is a {@code TimedOut} for its caller, and its connection is dropped: that frees the
 * thread, and no later step of the call can take effect.
 */
final class NativeCalls {
  private static final int QUICK_THREADS = 4;

  private final LibvirtConfig config;
  private final Connections connections;
  private final CallObserver observer;
  private final Map<Role, Lane> lanes = new EnumMap<>(Role.class);

  /** What a call does on a connection. */
  @FunctionalInterface
  interface Body<T> {
    T run(NativeConnection c) throws LibvirtError;
  }

  /** As many calls at once as threads: what waits, waits in its caller. */
  private record Lane(Executor threads, Semaphore free) {
    static Lane of(Role role, int size) {
      ThreadPoolExecutor threads =
          new ThreadPoolExecutor(
              size,
              size,
              30,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              NativeThreads.named(
                  "lodge-libvirt-" + role.name().toLowerCase(java.util.Locale.ROOT)));
      threads.allowCoreThreadTimeOut(true);
      return new Lane(threads, new Semaphore(size, true));
    }
  }

  NativeCalls(LibvirtConfig config, Connections connections, CallObserver observer) {
    this.config = config;
    this.connections = connections;
    this.observer = observer;
    lanes.put(Role.QUICK, Lane.of(Role.QUICK, QUICK_THREADS));
    lanes.put(Role.SLOW, Lane.of(Role.SLOW, config.parallel()));
  }

  /** A call that only looks or flips a switch. */
  <T> T quick(String name, Body<T> body) {
    return observed(name, Role.QUICK, config.quick(), body);
  }

  /** A call that starts or ends something. */
  <T> T slow(String name, Body<T> body) {
    return observed(name, Role.SLOW, config.slow(), body);
  }

  private <T> T observed(String name, Role role, Duration deadline, Body<T> body) {
    long begin = System.nanoTime();
    HypervisorFailure failure = null;
    try {
      return run(name, role, deadline, body);
    } catch (HypervisorException e) {
      failure = e.failure();
      throw e;
    } finally {
      observer.call(name, System.nanoTime() - begin, failure);
    }
  }

  private <T> T run(String name, Role role, Duration deadline, Body<T> body) {
    Lane lane = lanes.get(role);
    if (lane == null) {
      throw new IllegalStateException("every role has its lane");
    }
    Task<T> task = new Task<>(role, lane.free(), body);
    try {
      if (!lane.free().tryAcquire(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failure(
            new HypervisorFailure.Busy(
                "%s was not begun: all calls to libvirt are taken".formatted(name)));
      }
      lane.threads().execute(task);
      return task.result.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      String why = "libvirt did not answer %s within %d s".formatted(name, deadline.toSeconds());
      task.abandon(why);
      throw failure(new HypervisorFailure.TimedOut(why));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(new HypervisorFailure.TimedOut(name + " was interrupted"));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HypervisorException h) {
        throw failure(h.failure());
      }
      throw new IllegalStateException(name, e.getCause());
    }
  }

  private static HypervisorException failure(HypervisorFailure f) {
    return new HypervisorException(f);
  }

  private final class Task<T> implements Runnable {
    private final Role role;
    private final Semaphore free;
    private final Body<T> body;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private volatile @Nullable NativeConnection on;
    private volatile @Nullable String abandoned;

    Task(Role role, Semaphore free, Body<T> body) {
      this.role = role;
      this.free = free;
      this.body = body;
    }

    /** The caller waits no longer: what has not begun never does, what runs is cut off. */
    void abandon(String why) {
      abandoned = why;
      NativeConnection c = on;
      if (c != null) {
        c.drop(why);
      }
    }

    @Override
    public void run() {
      try {
        NativeConnection c = connections.enter(role);
        try {
          on = c;
          String why = abandoned;
          if (why != null) {
            throw failure(new HypervisorFailure.TimedOut(why));
          }
          result.complete(body.run(c));
        } catch (LibvirtError e) {
          result.completeExceptionally(failure(map(c, e)));
        } finally {
          on = null;
          c.leave();
        }
      } catch (LibvirtError e) {
        result.completeExceptionally(failure(FailureMapper.connecting(e)));
      } catch (RuntimeException | java.lang.Error e) {
        result.completeExceptionally(e);
      } finally {
        free.release();
      }
    }

    /** Whatever the words: on a connection that has ended the outcome is not known. */
    private HypervisorFailure map(NativeConnection c, LibvirtError e) {
      HypervisorFailure f = FailureMapper.map(e);
      if (!c.usable() || !c.alive()) {
        c.drop(f.message());
        return new HypervisorFailure.Unavailable(c.ended().getNow(f.message()));
      }
      return f;
    }
  }
}
