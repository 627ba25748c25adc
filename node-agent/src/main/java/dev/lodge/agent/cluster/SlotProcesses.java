package dev.lodge.agent.cluster;

import dev.lodge.agent.log.Log;
import dev.lodge.agent.storage.Brought;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Slot;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The processes that hold VMs' places on this node: process 1 of a slot pod's container, found by
 * its cgroup, which the kubelet names after the pod's UID. A pod's own pause process is none of
 * them.
 */
final class SlotProcesses implements Slots {
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  private final Path proc;

  /** Whom to tell of a container that is awaited, by the pod's UID. */
  private final Map<String, Waiter> waiters = new LinkedHashMap<>();

  private boolean polling;

  private record Waiter(Runnable running, long untilNanos) {}

  /**
   * @param proc {@code /proc} of the node's own process namespace
   */
  SlotProcesses(Path proc) {
    this.proc = proc;
  }

  /** The process of a slot; empty: its container does not run. */
  Optional<Long> find(String podUid) {
    List<Long> all = all(podUid);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getFirst());
  }

  /**
   * Tells once when the slot's container runs. The kubelet tells nobody on the node; a look at all
   * processes costs some milliseconds, and only while something is awaited.
   */
  synchronized void await(String podUid, Runnable running) {
    waiters.put(podUid, new Waiter(running, System.nanoTime() + LONGEST_WAIT.toNanos()));
    if (!polling) {
      polling = true;
      Thread.ofVirtual().name("lodge-slots").start(this::poll);
    }
  }

  private void poll() {
    try {
      while (true) {
        Thread.sleep(POLL);
        Map<String, Waiter> now;
        synchronized (this) {
          if (waiters.isEmpty()) {
            polling = false;
            return;
          }
          now = new LinkedHashMap<>(waiters);
        }
        now.forEach(
            (uid, waiter) -> {
              boolean late = System.nanoTime() - waiter.untilNanos() > 0;
              if (late || find(uid).isPresent()) {
                synchronized (this) {
                  waiters.remove(uid, waiter);
                }
                waiter.running().run();
              }
            });
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Brought brought(String podUid, Runnable running) {
    return new SlotFiles(this, podUid, running);
  }

  /** SIGKILL: a process 1 without a handler hears nothing else. */
  @Override
  public void end(Slot slot) {
    for (long pid : all(slot.uid())) {
      // The handle knows when the process began: a successor of its number is left alone.
      ProcessHandle.of(pid)
          .filter(handle -> isSlot(proc.resolve(String.valueOf(pid)), slot.uid()))
          .ifPresent(
              handle -> {
                Log.info("slot", "ended", "pod", slot.name(), "process", Long.toString(pid));
                handle.destroyForcibly();
              });
    }
  }

  private List<Long> all(String podUid) {
    var found = new ArrayList<Long>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        if (isSlot(process, podUid)) {
          found.add(Long.valueOf(process.getFileName().toString()));
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      Log.warn("slot", "processes cannot be listed", "why", String.valueOf(e.getMessage()));
    }
    return found;
  }

  private static boolean isSlot(Path process, String podUid) {
    try {
      if (!inPod(Files.readString(process.resolve("cgroup")), podUid)) {
        return false;
      }
      String comm = Files.readString(process.resolve("comm")).strip();
      // A container that runc is still making has no file system of its own yet.
      return !comm.equals("pause")
          && !comm.startsWith("runc")
          && isFirst(Files.readAllLines(process.resolve("status")));
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  /** {@code …/pod<uid>/…}, or as systemd writes it {@code …-pod<uid with underscores>.slice/…}. */
  static boolean inPod(String cgroup, String podUid) {
    if (!podUid.matches("[0-9A-Za-z-]{1,64}")) {
      return false;
    }
    String underscores = podUid.replace('-', '_');
    for (String line : cgroup.split("\n")) {
      String path = line + "/";
      if (path.contains("/pod" + podUid + "/") || path.contains("-pod" + underscores + ".slice/")) {
        return true;
      }
    }
    return false;
  }

  private static boolean isFirst(List<String> status) {
    for (String line : status) {
      if (line.startsWith("NSpid:")) {
        String[] pids = line.substring(6).strip().split("\\s+");
        return pids.length > 1 && pids[pids.length - 1].equals("1");
      }
    }
    return false;
  }
}
