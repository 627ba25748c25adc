package dev.lodge.agent.hostfile;

import com.sun.jna.LastErrorException;
import java.nio.file.Path;

/** What the kernel itself does with block devices. */
public final class BlockDevices {
  private BlockDevices() {}

  /**
   * Whether the kernel has claimed the device, or one that is part of it: a file system that is
   * mounted in whatever namespace and whatever number its files show (Btrfs), swap, a RAID, LVM or
   * other mapping. Processes that have it open, like QEMU, are no claim.
   *
   * @return false too if there is no such device or it cannot be opened
   */
  public static boolean claimed(Path device) {
    try {
      LibC.C.close(LibC.C.open(device.toString(), LibC.O_RDONLY | LibC.O_EXCL | LibC.O_CLOEXEC, 0));
      return false;
    } catch (LastErrorException e) {
      return e.getErrorCode() == LibC.EBUSY;
    }
  }
}
