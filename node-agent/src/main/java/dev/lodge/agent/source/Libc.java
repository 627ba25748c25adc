package dev.lodge.agent.source;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The few calls of Linux that the JDK does not make: inotify with its close-after-write, and opens
 * that never block.
 */
final class Libc {
  static final int EINTR = 4;
  static final int EINVAL = 22;
  static final int ENOENT = 2;
  static final int EEXIST = 17;
  static final int ENOSYS = 38;

  static final int O_RDONLY = 0;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int O_NOCTTY = 0x100;

  static final int AT_FDCWD = -100;
  static final int RENAME_NOREPLACE = 1;

  static {
    Native.register(Libc.class, Platform.C_LIBRARY_NAME);
  }

  private Libc() {}

  static native int inotify_init1(int flags) throws LastErrorException;

  static native int inotify_add_watch(int fd, byte[] path, int mask) throws LastErrorException;

  static native int inotify_rm_watch(int fd, int wd) throws LastErrorException;

  static native int eventfd(int initial, int flags) throws LastErrorException;

  static native int poll(Pointer fds, long count, int timeoutMillis) throws LastErrorException;

  static native long read(int fd, Pointer buffer, long size) throws LastErrorException;

  static native long read(int fd, byte[] buffer, long size) throws LastErrorException;

  static native long write(int fd, byte[] buffer, long size) throws LastErrorException;

  static native int open(byte[] path, int flags) throws LastErrorException;

  static native int close(int fd) throws LastErrorException;

  static native int renameat2(int fromDir, byte[] from, int toDir, byte[] to, int flags)
      throws LastErrorException;

  /** A path as C has it. */
  static byte[] path(Path path) {
    return (path + "\0").getBytes(StandardCharsets.UTF_8);
  }

  /** What an error number means, without a number. */
  static String message(LastErrorException e) {
    String message = String.valueOf(e.getMessage());
    int bracket = message.indexOf("] ");
    return bracket < 0 ? message : message.substring(bracket + 2);
  }
}
