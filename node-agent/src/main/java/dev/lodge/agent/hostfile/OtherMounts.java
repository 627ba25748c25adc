package dev.lodge.agent.hostfile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Gives a file that lies in another process's mounts a name in ours: a pod's volume has a path only
 * inside of the pod. The kernel binds only what is in the caller's own mount namespace, so a thread
 * of its own goes there, takes the mount off, and puts it down here.
 */
public final class OtherMounts {
  private OtherMounts() {}

  /**
   * Makes {@code target} be the file. Nothing visible happens if it is already.
   *
   * @param process in whose mounts the file was opened
   * @param target in a directory of root's; made if it is not there
   */
  public static void bind(OpenFile file, long process, Path target, boolean readOnly)
      throws IOException {
    if (!BindMounts.place(file, target, readOnly)) {
      return;
    }
    var done = new CompletableFuture<Void>();
    // The thread is not used again: it has a working directory and a root of its own from here on.
    Thread.ofPlatform()
        .daemon()
        .name("lodge-other-mounts")
        .start(
            () -> {
              try {
                move(file, process, target, readOnly);
                done.complete(null);
              } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
              }
            });
    try {
      done.get();
    } catch (ExecutionException e) {
      BindMounts.unbind(target);
      throw new IOException("bind mount on " + target + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void move(OpenFile file, long process, Path target, boolean readOnly) {
    int here = -1;
    int there = -1;
    int tree = -1;
    try {
      here = LibC.C.open("/proc/thread-self/ns/mnt", LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
      there = LibC.C.open("/proc/" + process + "/ns/mnt", LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
      LibC.C.unshare(LibC.CLONE_FS);
      LibC.C.setns(there, LibC.CLONE_NEWNS);
      tree = BindMounts.cloned(file);
      LibC.C.setns(here, LibC.CLONE_NEWNS);
      BindMounts.attach(tree, file, target, readOnly);
    } finally {
      LibC.closed(tree);
      LibC.closed(there);
      LibC.closed(here);
    }
  }
}
