package dev.lodge.domain.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lodge.api.common.Quantity;
import dev.lodge.domain.image.Inspection.Accepted;
import dev.lodge.domain.image.Inspection.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The header of a qcow2 file, version 2 or 3 (QEMU's docs/interop/qcow2.txt), read without trust:
 * every number is checked against the file before it is used.
 */
final class Qcow2Header {
  static final int MAGIC = 0x514649fb;
  static final int V2_LENGTH = 72;
  static final int V3_LENGTH = 104;
  static final int EXT_END = 0;
  static final int EXT_BACKING_FORMAT = 0xe2792aca;
  static final int EXT_DATA_FILE = 0x44415441;
  static final int EXT_CRYPTO = 0x0537be77;
  static final long INCOMPATIBLE_CORRUPT = 1L << 1;
  static final long INCOMPATIBLE_DATA_FILE = 1L << 2;
  static final long INCOMPATIBLE_EXTENDED_L2 = 1L << 4;

  /** Dirty, corrupt, data file, compression type, extended L2: what QEMU 9 knows. */
  static final long INCOMPATIBLE_KNOWN = 0x1f;

  /** QEMU's own bounds of its tables in memory. */
  static final long MAX_L1_BYTES = 32L << 20;

  static final long MAX_REFCOUNT_TABLE_BYTES = 8L << 20;
  static final int MAX_SNAPSHOTS = 1024;
  private static final long OFFSET_MASK = 0x00fffffffffffe00L;
  private static final String DAMAGED =
      "fetch or copy the image again; it may be cut off or damaged";

  private final ImageBytes file;
  private final ByteBuffer head;
  private final InspectionPolicy policy;
  private final long fileSize;

  private Qcow2Header(ImageBytes file, byte[] head, InspectionPolicy policy) throws IOException {
    this.file = file;
    this.head = ByteBuffer.wrap(head);
    this.policy = policy;
    this.fileSize = file.size();
  }

  /** Looks into a file that begins with qcow2's magic. */
  static Inspection inspect(ImageBytes file, byte[] head, InspectionPolicy policy)
      throws IOException {
    return new Qcow2Header(file, head, policy).inspect();
  }

  private Inspection inspect() throws IOException {
    if (head.capacity() < V2_LENGTH) {
      return damaged("its QCOW2 header is cut off");
    }
    int version = head.getInt(4);
    if (version != 2 && version != 3) {
      return new Refused(
          "it is QCOW2 of version " + Integer.toUnsignedLong(version) + "; Lodge knows 2 and 3",
          "convert it: qemu-img convert -O qcow2 <file> <file>.qcow2");
    }
    int clusterBits = head.getInt(20);
    if (clusterBits < 9 || clusterBits > 21) {
      return damaged("cluster_bits is " + clusterBits + ", which is outside 9 to 21");
    }
    if (head.getInt(32) != 0) {
      return new Refused("it is encrypted", "decrypt it: qemu-img convert -O qcow2");
    }
    long incompatible = 0;
    int headerLength = V2_LENGTH;
    if (version == 3) {
      if (head.capacity() < V3_LENGTH) {
        return damaged("its QCOW2 header is cut off");
      }
      incompatible = head.getLong(72);
      headerLength = head.getInt(100);
      if (headerLength < V3_LENGTH || headerLength % 8 != 0 || headerLength > 1 << clusterBits) {
        return damaged("header_length is " + Integer.toUnsignedLong(headerLength));
      }
      if (head.getInt(96) < 0 || head.getInt(96) > 6) {
        return damaged("refcount_order is " + Integer.toUnsignedLong(head.getInt(96)));
      }
    }
    Refused refused = features(incompatible);
    if (refused == null) {
      refused = extensions(headerLength, clusterBits);
    }
    if (refused == null) {
      refused = backing(headerLength, clusterBits);
    }
    if (refused == null) {
      refused = tables(clusterBits, (incompatible & INCOMPATIBLE_EXTENDED_L2) != 0);
    }
    return refused != null
        ? refused
        : new Accepted(
            new ImageHeader.Qcow2(version, clusterBits, head.getLong(24), backingName()),
            head.getLong(24));
  }

  private static @Nullable Refused features(long incompatible) {
    if ((incompatible & INCOMPATIBLE_DATA_FILE) != 0) {
      return dataFile();
    }
    if ((incompatible & INCOMPATIBLE_CORRUPT) != 0) {
      return new Refused("it is marked corrupt", "repair it: qemu-img check -r all <file>");
    }
    if ((incompatible & ~INCOMPATIBLE_KNOWN) != 0) {
      return new Refused(
          "it uses unknown features (incompatible bits 0x" + Long.toHexString(incompatible) + ")",
          "convert it with the program that made it: qemu-img convert -O qcow2 <file> <file>.qcow2");
    }
    return null;
  }

  private @Nullable Refused extensions(int headerLength, int clusterBits) {
    long end = Math.min(head.capacity(), 1L << clusterBits);
    long backing = head.getLong(8);
    if (backing > 0 && backing < end) {
      end = backing;
    }
    long at = headerLength;
    while (at + 8 <= end) {
      int type = head.getInt((int) at);
      long length = Integer.toUnsignedLong(head.getInt((int) at + 4));
      if (type == EXT_END) {
        return null;
      }
      if (at + 8 + length > end) {
        return damaged("a header extension runs out of the header");
      }
      if (type == EXT_DATA_FILE) {
        return dataFile();
      }
      if (type == EXT_CRYPTO) {
        return new Refused("it is encrypted", "decrypt it: qemu-img convert -O qcow2");
      }
      at += 8 + (length + 7) / 8 * 8;
    }
    return null;
  }

  private @Nullable Refused backing(int headerLength, int clusterBits) {
    long offset = head.getLong(8);
    long length = Integer.toUnsignedLong(head.getInt(16));
    if (offset == 0) {
      return policy.allowedBacking() == null
          ? null
          : new Refused("it names no backing file any more", "restore the disk from a backup");
    }
    if (offset < headerLength
        || length > 1023
        || length == 0
        || offset + length > Math.min(head.capacity(), 1L << clusterBits)) {
      return damaged("its backing file name lies outside the header");
    }
    String name = backingName();
    String allowed = policy.allowedBacking();
    if (allowed == null) {
      return new Refused(
          "it names a backing file (" + printable(name) + ")",
          "make it stand alone: qemu-img convert -O qcow2 <file> <file>.qcow2");
    }
    return allowed.equals(name)
        ? null
        : new Refused(
            "it names the backing file " + printable(name) + " instead of " + printable(allowed),
            "somebody changed the disk's header; restore it from a backup");
  }

  private @Nullable String backingName() {
    long offset = head.getLong(8);
    if (offset == 0) {
      return null;
    }
    byte[] name = new byte[head.getInt(16)];
    head.get((int) offset, name);
    return new String(name, UTF_8);
  }

  private @Nullable Refused tables(int clusterBits, boolean extendedL2) throws IOException {
    long virtualSize = head.getLong(24);
    if (virtualSize <= 0) {
      return damaged("its virtual size is " + Long.toUnsignedString(virtualSize));
    }
    if (virtualSize > policy.maxVirtualSize()) {
      return new Refused(
          "its virtual size is "
              + Quantity.ofBytes(virtualSize)
              + ", more than the "
              + Quantity.ofBytes(policy.maxVirtualSize())
              + " allowed",
          "use a smaller image");
    }
    long l1Bytes = Integer.toUnsignedLong(head.getInt(36)) * 8;
    long l2Reach = 1L << (2 * clusterBits - (extendedL2 ? 4 : 3));
    long l1Needed = (virtualSize - 1) / l2Reach + 1;
    if (l1Bytes > MAX_L1_BYTES) {
      return damaged("its first level table has " + l1Bytes + " bytes, more than QEMU would read");
    }
    if (l1Bytes / 8 < l1Needed) {
      return damaged("its first level table is too small for its virtual size");
    }
    Refused refused = table("first level table", head.getLong(40), l1Bytes, clusterBits);
    if (refused != null) {
      return refused;
    }
    long refcountBytes = Integer.toUnsignedLong(head.getInt(56)) << clusterBits;
    if (refcountBytes > MAX_REFCOUNT_TABLE_BYTES || refcountBytes == 0) {
      return damaged("its refcount table has " + refcountBytes + " bytes");
    }
    refused = table("refcount table", head.getLong(48), refcountBytes, clusterBits);
    if (refused != null) {
      return refused;
    }
    long snapshots = Integer.toUnsignedLong(head.getInt(60));
    if (snapshots > MAX_SNAPSHOTS) {
      return new Refused(
          "it holds " + snapshots + " snapshots, more than " + MAX_SNAPSHOTS,
          "drop them: qemu-img convert -O qcow2 <file> <file>.qcow2");
    }
    if (snapshots > 0) {
      refused = table("snapshot table", head.getLong(64), snapshots * 40, clusterBits);
    }
    return refused != null || !policy.deep() ? refused : entries(head.getLong(40), l1Bytes);
  }

  private @Nullable Refused table(String what, long offset, long bytes, int clusterBits) {
    long cluster = 1L << clusterBits;
    if (offset <= 0 || offset % cluster != 0) {
      return damaged("its " + what + " lies at no cluster's begin");
    }
    // No sum of the file's own numbers: it might overflow.
    return offset > fileSize || bytes > fileSize - offset
        ? damaged("its " + what + " lies beyond the end of the file")
        : null;
  }

  private @Nullable Refused entries(long offset, long bytes) throws IOException {
    byte[] chunk = new byte[64 * 1024];
    for (long at = 0; at < bytes; at += chunk.length) {
      int want = (int) Math.min(chunk.length, bytes - at);
      byte[] part = want == chunk.length ? chunk : new byte[want];
      if (file.read(offset + at, part) < want) {
        return damaged("its first level table is cut off");
      }
      ByteBuffer table = ByteBuffer.wrap(part);
      while (table.remaining() >= 8) {
        if ((table.getLong() & OFFSET_MASK) >= fileSize) {
          return damaged("a second level table lies beyond the end of the file");
        }
      }
    }
    return null;
  }

  private static Refused dataFile() {
    return new Refused(
        "it keeps its data in an external data file",
        "make it stand alone: qemu-img convert -O qcow2 <file> <file>.qcow2");
  }

  private static Refused damaged(String what) {
    return new Refused(what, DAMAGED);
  }

  /** A name from a file that nobody trusts, fit for a message. */
  private static String printable(@Nullable String name) {
    String clean = String.valueOf(name).replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() <= 200 ? clean : clean.substring(0, 200) + "...";
  }
}
