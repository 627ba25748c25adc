package dev.lodge.agent.hostfile;

import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Gives an open file a second name in a directory where nobody but root can change names: a bind
 * mount. QEMU opens that name, so it opens the file that was checked.
 */
public final class BindMounts {
  private BindMounts() {}

  /** Only root mounts; without it QEMU runs as the same user and has nothing to gain by a name. */
  public static boolean possible() {
    return LibC.C.geteuid() == 0;
  }

  /**
   * Makes {@code target} be the file. Nothing visible happens if it is already.
   *
   * @param target in a directory of root's; made if it is not there
   */
  public static void bind(OpenFile file, Path target, boolean readOnly) throws IOException {
    if (!place(file, target, readOnly)) {
      return;
    }
    try {
      mount(file.path().toString(), target, LibC.MS_BIND);
      if (readOnly) {
        makeReadOnly(target);
      }
    } catch (LastErrorException e) {
      unbind(target);
      throw new IOException("bind mount on " + target + ": " + e.getMessage(), e);
    }
  }

  /**
   * Makes an empty file to mount on.
   *
   * @return false: the file has this name already
   */
  static boolean place(OpenFile file, Path target, boolean readOnly) throws IOException {
    try {
      Files.createFile(target);
    } catch (FileAlreadyExistsException e) {
      // One that should be read-only is made anew: an agent may have died before it was.
      if (!readOnly && FileFacts.ofLink(target).id().equals(file.facts().id())) {
        return false;
      }
      unmount(target);
    }
    return true;
  }

  static void makeReadOnly(Path target) {
    mount(null, target, LibC.MS_BIND | LibC.MS_REMOUNT | LibC.MS_RDONLY);
  }

  /** Takes the name away. Nothing happens if there is none. */
  public static void unbind(Path target) throws IOException {
    unmount(target);
    Files.deleteIfExists(target);
  }

  private static void mount(
      @org.jspecify.annotations.Nullable String source, Path target, long flags) {
    LibC.C.mount(source, target.toString(), null, new NativeLong(flags), null);
  }

  /** Detached, because a QEMU that still runs keeps what it has open. */
  private static void unmount(Path target) throws IOException {
    while (true) {
      try {
        LibC.C.umount2(target.toString(), LibC.MNT_DETACH | LibC.UMOUNT_NOFOLLOW);
      } catch (LastErrorException e) {
        if (e.getErrorCode() == LibC.EINVAL || e.getErrorCode() == LibC.ENOENT) {
          return;
        }
        if (e.getErrorCode() == LibC.EPERM && !possible()) {
          return;
        }
        throw new IOException("umount " + target + ": " + e.getMessage(), e);
      }
    }
  }
}
