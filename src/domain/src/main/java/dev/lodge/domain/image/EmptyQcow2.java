package dev.lodge.domain.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A new qcow2 file of version 3 without data: what {@code qemu-img create} writes, without a
 * process on the way of a VM's first start. Header, refcount table and refcount block are the first
 * three clusters, the first level table follows and is all zeros.
 *
 * @param head the bytes to write at the file's begin
 * @param fileSize what the file is to be extended to
 */
public record EmptyQcow2(byte[] head, long fileSize) {
  private static final int CLUSTER_BITS = 16;
  private static final int CLUSTER = 1 << CLUSTER_BITS;
  private static final int REFCOUNT_ORDER = 4;
  private static final long L2_REACH = 1L << (2 * CLUSTER_BITS - 3);

  /** A guest's sector; sizes are rounded up to it. */
  public static final int SECTOR = 512;

  /** A layer above another file, from which it is read until it is written. */
  public record Backing(String path, String qemuFormat) {}

  /**
   * Lays out the file.
   *
   * @param virtualSize in bytes, up to {@link InspectionPolicy#DEFAULT_MAX_VIRTUAL_SIZE}
   * @throws IllegalArgumentException if the backing path exceeds 1023 bytes or the size its bounds
   */
  public static EmptyQcow2 of(long virtualSize, @Nullable Backing backing) {
    if (virtualSize <= 0 || virtualSize > InspectionPolicy.DEFAULT_MAX_VIRTUAL_SIZE) {
      throw new IllegalArgumentException("no size of a disk: " + virtualSize);
    }
    long size = (virtualSize + SECTOR - 1) / SECTOR * SECTOR;
    int l1Entries = (int) ((size - 1) / L2_REACH + 1);
    int l1Clusters = (l1Entries * 8 + CLUSTER - 1) / CLUSTER;
    ByteBuffer out = ByteBuffer.allocate(3 * CLUSTER);
    out.putInt(0, Qcow2Header.MAGIC);
    out.putInt(4, 3);
    out.putInt(20, CLUSTER_BITS);
    out.putLong(24, size);
    out.putInt(36, l1Entries);
    out.putLong(40, 3L * CLUSTER);
    out.putLong(48, CLUSTER);
    out.putInt(56, 1);
    out.putInt(96, REFCOUNT_ORDER);
    out.putInt(100, Qcow2Header.V3_LENGTH);
    if (backing != null) {
      putBacking(out, backing);
    }
    out.putLong(CLUSTER, 2L * CLUSTER);
    for (int cluster = 0; cluster < 3 + l1Clusters; cluster++) {
      out.putShort(2 * CLUSTER + 2 * cluster, (short) 1);
    }
    return new EmptyQcow2(out.array(), (3L + l1Clusters) * CLUSTER);
  }

  private static void putBacking(ByteBuffer out, Backing backing) {
    byte[] format = backing.qemuFormat().getBytes(US_ASCII);
    byte[] path = backing.path().getBytes(UTF_8);
    if (path.length == 0 || path.length > 1023) {
      throw new IllegalArgumentException("path too long for a backing file: " + backing.path());
    }
    out.position(Qcow2Header.V3_LENGTH);
    out.putInt(Qcow2Header.EXT_BACKING_FORMAT).putInt(format.length).put(format);
    out.position((out.position() + 7) / 8 * 8);
    out.putInt(Qcow2Header.EXT_END).putInt(0);
    out.putLong(8, out.position());
    out.putInt(16, path.length);
    out.put(path);
  }
}
