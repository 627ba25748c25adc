package dev.lodge.agent.hostfile;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import dev.lodge.agent.hostfile.FileFacts.Sort;
import dev.lodge.agent.hostfile.OpenResult.Opened;
import dev.lodge.agent.hostfile.OpenResult.Refused;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Opens what a HostResource names. Below a directory no part of the user's path may be a symbolic
 * link or lead out, and the kernel sees to it while it walks (openat2), so nobody can swap a part
 * in between. Descriptors are O_PATH: opening has no effect on devices and FIFOs.
 */
public final class HostFiles {
  private static final int TRIES = 5;

  private HostFiles() {}

  /**
   * Opens a file or block device.
   *
   * @param name of the HostResource, for messages
   * @param path below it; only, and then needed, where it is a directory
   */
  public static OpenResult open(String name, HostResourceSpec spec, @Nullable String path) {
    String what = "HostResource " + name;
    if (spec.type() != HostResourceSpec.Type.Directory && path != null) {
      return new Refused(
          Reason.InvalidSpec, what + " is a " + spec.type() + ", so path must be left out");
    }
    try {
      return switch (spec.type()) {
        case Directory -> below(what, spec.path(), path);
        case File ->
            expect(
                what + " (" + spec.path() + ")",
                new OpenFile(
                    LibC.C.open(spec.path(), LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0)),
                Sort.REGULAR);
        // Names of volumes (/dev/vg/lv) are links; /dev and the name are the administrator's.
        case BlockDevice ->
            expect(
                what + " (" + spec.path() + ")",
                new OpenFile(LibC.C.open(spec.path(), LibC.O_PATH | LibC.O_CLOEXEC, 0)),
                Sort.BLOCK);
      };
    } catch (LastErrorException e) {
      return refusal(what, spec.path(), e);
    } catch (IOException e) {
      return new Refused(Reason.DiskFailed, what + ": " + e.getMessage());
    }
  }

  private static OpenResult below(String what, String directory, @Nullable String path)
      throws IOException {
    if (path == null) {
      return new Refused(
          Reason.InvalidSpec, what + " is a Directory, so path must name a file below it");
    }
    if (!isPlain(path)) {
      return new Refused(
          Reason.InvalidSpec, "path must be relative, without '..' and without control characters");
    }
    int dir;
    try {
      dir = LibC.C.open(directory, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
    } catch (LastErrorException e) {
      return refusal(what, directory, e);
    }
    try {
      return expect(
          "path " + path + " of " + what, new OpenFile(openBeneath(dir, path)), Sort.REGULAR);
    } catch (LastErrorException e) {
      return refusal("path of " + what, path, e);
    } finally {
      LibC.C.close(dir);
    }
  }

  /**
   * Opens a file, a directory or a block device in the mounts of another process. No part of {@code
   * path} may be a symbolic link, but for {@code last}, which may pass through links that stay in
   * its directory: what the kubelet puts there does.
   *
   * @param process a process whose root directory is not the user's to choose
   * @param path below that root, e.g. {@code lodge/volumes/data}
   * @param last below {@code path}; empty: that itself
   */
  public static OpenResult ofProcess(long process, String path, String last, Sort wanted) {
    String what = "/" + path + (last.isEmpty() ? "" : "/" + last) + " of the slot";
    if (!isPlain(path) || !last.isEmpty() && !isPlain(last)) {
      return new Refused(Reason.InvalidSpec, what + " is no plain path");
    }
    int root = -1;
    int directory = -1;
    try {
      root =
          LibC.C.open(
              "/proc/" + process + "/root", LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
      if (last.isEmpty()) {
        return expect(what, new OpenFile(openBeneath(root, path)), wanted);
      }
      directory = openBeneath(root, path);
      return expect(
          what,
          new OpenFile(
              openBeneath(
                  directory,
                  last,
                  LibC.O_PATH | LibC.O_CLOEXEC,
                  LibC.RESOLVE_BENEATH | LibC.RESOLVE_NO_MAGICLINKS)),
          wanted);
    } catch (LastErrorException e) {
      return refusal(what, path, e);
    } catch (IOException e) {
      return new Refused(Reason.DiskFailed, what + ": " + e.getMessage());
    } finally {
      close(directory);
      close(root);
    }
  }

  private static void close(int descriptor) {
    if (descriptor >= 0) {
      LibC.C.close(descriptor);
    }
  }

  /** Also keeps a NUL from cutting the path short on its way to C. */
  private static boolean isPlain(String path) {
    if (path.isEmpty() || path.startsWith("/") || path.chars().anyMatch(c -> c < ' ' || c == 127)) {
      return false;
    }
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        return false;
      }
    }
    return true;
  }

  private static int openBeneath(int directory, String path) {
    return openBeneath(
        directory,
        path,
        LibC.O_PATH | LibC.O_CLOEXEC | LibC.O_NOFOLLOW,
        LibC.RESOLVE_BENEATH | LibC.RESOLVE_NO_SYMLINKS | LibC.RESOLVE_NO_MAGICLINKS);
  }

  private static int openBeneath(int directory, String path, long flags, long resolve) {
    try (Memory how = new Memory(24)) {
      how.setLong(0, flags);
      how.setLong(8, 0);
      how.setLong(16, resolve);
      for (int tries = 1; ; tries++) {
        try {
          return LibC.C.syscall(
                  new NativeLong(LibC.SYS_OPENAT2), directory, path, how, new NativeLong(24))
              .intValue();
        } catch (LastErrorException e) {
          // Something was renamed during the walk; the kernel asks to try again.
          if (e.getErrorCode() != LibC.EAGAIN || tries == TRIES) {
            throw e;
          }
        }
      }
    }
  }

  private static OpenResult expect(String what, OpenFile file, Sort wanted) {
    Sort sort = file.facts().sort();
    if (sort == wanted) {
      return new Opened(file);
    }
    file.close();
    String is =
        switch (sort) {
          case REGULAR -> "a regular file";
          case BLOCK -> "a block device";
          case DIRECTORY -> "a directory";
          case SYMLINK -> "a symbolic link";
          case OTHER -> "neither a file nor a block device";
        };
    String mend =
        sort == Sort.SYMLINK
            ? "name the file that it points to"
            : wanted == Sort.BLOCK
                ? "name a block device"
                : wanted == Sort.DIRECTORY ? "name a directory" : "name a regular file";
    return new Refused(Reason.InvalidSpec, what + " is " + is + "; " + mend);
  }

  private static Refused refusal(String what, String path, LastErrorException e) {
    return switch (e.getErrorCode()) {
      case LibC.ENOENT, LibC.ENOTDIR ->
          new Refused(Reason.NotFound, what + ": there is no " + path + " on this host");
      case LibC.ELOOP ->
          new Refused(
              Reason.InvalidSpec,
              what + ": " + path + " passes through a symbolic link; name the file itself");
      case LibC.EXDEV ->
          new Refused(Reason.InvalidSpec, what + ": " + path + " leads out of the directory");
      case LibC.EACCES, LibC.EPERM ->
          new Refused(Reason.NotAllowed, what + ": the agent may not open " + path);
      case LibC.ENOSYS ->
          new Refused(
              Reason.Unsupported,
              what + ": paths below a directory need Linux 5.6 or newer (openat2)");
      default -> new Refused(Reason.DiskFailed, what + ": " + path + ": " + e.getMessage());
    };
  }
}
