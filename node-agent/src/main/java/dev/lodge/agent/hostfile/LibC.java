package dev.lodge.agent.hostfile;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;

/** The few calls that the JDK lacks. Each throws with errno. */
interface LibC extends Library {
  LibC C = Native.load("c", LibC.class);

  int O_RDONLY = 0;
  int O_RDWR = 2;

  /** Of a block device, without O_CREAT: not if the kernel has claimed it. */
  int O_EXCL = 0x80;

  int O_NOFOLLOW = 0x20000;
  int O_DIRECTORY = 0x10000;
  int O_CLOEXEC = 0x80000;
  int O_PATH = 0x200000;

  /** The same number on every architecture. */
  int SYS_OPENAT2 = 437;

  long RESOLVE_NO_MAGICLINKS = 2;
  long RESOLVE_NO_SYMLINKS = 4;
  long RESOLVE_BENEATH = 8;

  int SYS_OPEN_TREE = 428;
  int SYS_MOVE_MOUNT = 429;
  int OPEN_TREE_CLONE = 1;
  int AT_EMPTY_PATH = 0x1000;
  int AT_FDCWD = -100;
  int MOVE_MOUNT_F_EMPTY_PATH = 4;
  int CLONE_FS = 0x200;
  int CLONE_NEWNS = 0x20000;

  int SYS_MOUNT_SETATTR = 442;
  long MOUNT_ATTR_RDONLY = 1;
  long MOUNT_ATTR_NODEV = 4;

  int MNT_DETACH = 2;
  int UMOUNT_NOFOLLOW = 8;

  long FICLONE = 0x40049409L;

  int EPERM = 1;
  int ENOENT = 2;
  int EAGAIN = 11;
  int EACCES = 13;
  int EBUSY = 16;
  int EXDEV = 18;
  int ENOTDIR = 20;
  int EINVAL = 22;
  int ENOSYS = 38;
  int ELOOP = 40;

  int open(String path, int flags, int mode) throws LastErrorException;

  int close(int fd) throws LastErrorException;

  /** Closes a descriptor of ours; -1 is none. */
  static void closed(int fd) {
    if (fd >= 0) {
      C.close(fd);
    }
  }

  /** openat2; {@code how} holds flags, mode and resolve, 64 bits each. */
  NativeLong syscall(NativeLong number, int directory, String path, Pointer how, NativeLong size)
      throws LastErrorException;

  /** open_tree. */
  NativeLong syscall(NativeLong number, int directory, String path, int flags)
      throws LastErrorException;

  /** move_mount. */
  NativeLong syscall(NativeLong number, int from, String fromPath, int to, String toPath, int flags)
      throws LastErrorException;

  int unshare(int flags) throws LastErrorException;

  int setns(int fd, int type) throws LastErrorException;

  /** mount_setattr; {@code attributes} holds what to set, to clear, and two zeros, 64 bits each. */
  NativeLong syscall(
      NativeLong number, int mount, String path, int flags, Pointer attributes, NativeLong size)
      throws LastErrorException;

  int umount2(String target, int flags) throws LastErrorException;

  int ioctl(int fd, NativeLong request, int argument) throws LastErrorException;

  int geteuid();
}
