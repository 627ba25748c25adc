package dev.lodge.agent.hostfile;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
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
  /** Of struct mount_attr. */
  private static final int ATTRIBUTES = 4 * Long.BYTES;

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
    int tree = -1;
    try {
      tree = cloned(file);
      attach(tree, file, target, readOnly);
    } catch (LastErrorException e) {
      unbind(target);
      throw new IOException("bind mount on " + target + ": " + e.getMessage(), e);
    } finally {
      LibC.closed(tree);
    }
  }

  /**
   * A mount of the file alone that is nowhere yet; the kernel makes one of the caller's mounts
   * only.
   */
  static int cloned(OpenFile file) {
    return LibC.C.syscall(
            new NativeLong(LibC.SYS_OPEN_TREE),
            file.descriptor(),
            "",
            LibC.OPEN_TREE_CLONE | LibC.O_CLOEXEC | LibC.AT_EMPTY_PATH)
        .intValue();
  }

  /**
   * Puts it down with what it allows: a pod's mounts reach its node as they are put down, and what
   * is changed of them later does not.
   *
   * <p>A device of a container is in a root that is read-only, and libvirt could not give it to
   * QEMU's user; it says nothing of that.
   */
  static void attach(int tree, OpenFile file, Path target, boolean readOnly) {
    boolean device = file.facts().sort() == FileFacts.Sort.BLOCK;
    long clear = LibC.MOUNT_ATTR_NODEV | LibC.MOUNT_ATTR_RDONLY;
    try (var attributes = new Memory(ATTRIBUTES)) {
      attributes.clear();
      attributes.setLong(0, readOnly ? LibC.MOUNT_ATTR_RDONLY : 0);
      attributes.setLong(Long.BYTES, device && !readOnly ? clear : 0);
      LibC.C.syscall(
          new NativeLong(LibC.SYS_MOUNT_SETATTR),
          tree,
          "",
          LibC.AT_EMPTY_PATH,
          attributes,
          new NativeLong(ATTRIBUTES));
    }
    LibC.C.syscall(
        new NativeLong(LibC.SYS_MOVE_MOUNT),
        tree,
        "",
        LibC.AT_FDCWD,
        target.toString(),
        LibC.MOVE_MOUNT_F_EMPTY_PATH);
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
      // A name that was writable may have to be read-only now.
      if (!readOnly && FileFacts.ofLink(target).id().equals(file.facts().id())) {
        return false;
      }
      unmount(target);
    }
    return true;
  }

  /** Takes the name away. Nothing happens if there is none. */
  public static void unbind(Path target) throws IOException {
    unmount(target);
    Files.deleteIfExists(target);
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
