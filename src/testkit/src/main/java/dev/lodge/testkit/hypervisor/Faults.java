package dev.lodge.testkit.hypervisor;

import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What goes wrong, call by call, as a test has written it down. */
final class Faults {
  private record Fault(HypervisorFailure failure, boolean carriedOut) {}

  private final Map<HypervisorCall, Deque<Fault>> script = new EnumMap<>(HypervisorCall.class);
  private @Nullable String disconnected;

  /** The next calls of this kind fail, and do nothing. */
  synchronized void fail(HypervisorCall call, int times, HypervisorFailure failure) {
    add(call, times, new Fault(failure, false));
  }

  /** The next calls of this kind are carried out, but the caller is not told. */
  synchronized void loseReply(HypervisorCall call, int times) {
    add(
        call,
        times,
        new Fault(new HypervisorFailure.TimedOut("no answer to " + call + " in time"), true));
  }

  synchronized void disconnect(String why) {
    disconnected = why;
  }

  synchronized void reconnect() {
    disconnected = null;
  }

  /** Why there is no connection, or null. */
  synchronized @Nullable String disconnected() {
    return disconnected;
  }

  /** Carries the call out, or fails it, as the script says. */
  <T> T around(HypervisorCall call, Supplier<T> body) {
    Fault fault;
    synchronized (this) {
      if (disconnected != null) {
        throw new HypervisorException(new HypervisorFailure.Unavailable(disconnected));
      }
      Deque<Fault> next = script.get(call);
      fault = next == null ? null : next.poll();
    }
    if (fault == null) {
      return body.get();
    }
    if (fault.carriedOut()) {
      var _ = body.get();
    }
    throw new HypervisorException(fault.failure());
  }

  private void add(HypervisorCall call, int times, Fault fault) {
    Deque<Fault> queue = script.computeIfAbsent(call, c -> new ArrayDeque<>());
    for (int i = 0; i < times; i++) {
      queue.add(fault);
    }
  }
}
