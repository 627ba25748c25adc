package dev.lodge.agent.reconcile;

import dev.lodge.agent.image.Trees;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One lock a VM, {@code STATE/vms/<uid>/lock}, that all agent processes of the host share: during
 * an upgrade there may be two for a while, and one that was stopped may wake. Held by a process it
 * goes with that process. A thread may take it again while it has it.
 */
final class VmLocks {
  private final Path vms;
  private final ConcurrentHashMap<String, Held> held = new ConcurrentHashMap<>();

  /** A lock that this process has. */
  private record Held(Thread thread, FileChannel channel, int times) {}

  VmLocks(Path vms) {
    this.vms = vms;
  }

  /**
   * Takes the lock of a VM, or says that somebody else has it; never waits.
   *
   * @throws IOException if there can be no lock, as on a full disk
   */
  boolean lock(String uid) throws IOException {
    Held mine = held.get(uid);
    if (mine != null) {
      if (mine.thread() != Thread.currentThread()) {
        return false;
      }
      held.put(uid, new Held(mine.thread(), mine.channel(), mine.times() + 1));
      return true;
    }
    Trees.make(vms.resolve(uid), Trees.ENTER);
    FileChannel channel =
        FileChannel.open(
            vms.resolve(uid).resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock(channel) == null) {
      channel.close();
      return false;
    }
    held.put(uid, new Held(Thread.currentThread(), channel, 1));
    return true;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another agent in this very process, as in a test
    }
  }

  /** Lets the lock go that this thread has taken last. */
  void unlock(String uid) throws IOException {
    Held mine = held.get(uid);
    if (mine == null || mine.thread() != Thread.currentThread()) {
      throw new IllegalStateException("not locked by this thread: " + uid);
    }
    if (mine.times() > 1) {
      held.put(uid, new Held(mine.thread(), mine.channel(), mine.times() - 1));
      return;
    }
    held.remove(uid);
    mine.channel().close();
  }
}
