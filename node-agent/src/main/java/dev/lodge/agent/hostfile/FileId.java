package dev.lodge.agent.hostfile;

/**
 * What a file is, whatever it is called: device and inode of a regular file, or the device number
 * of a block device (whose inode differs in every private /dev).
 *
 * @param device st_dev of a file, st_rdev of a block device
 * @param inode 0 for a block device
 */
public record FileId(boolean block, long device, long inode) {

  /** {@code major:minor} of the device. */
  public String deviceNumber() {
    long major = (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
    long minor = (device & 0xff) | (device >>> 12 & ~0xffL);
    return major + ":" + minor;
  }

  /** Fit for a file name. */
  @Override
  public String toString() {
    return (block ? "block-" : "file-")
        + deviceNumber().replace(':', '.')
        + (block ? "" : "-" + inode);
  }
}
