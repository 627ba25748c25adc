package dev.lodge.domain.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The marks by which files are known. All take the first 64 KiB of a file. */
final class Magic {
  private static final Map<String, String> FOREIGN = new LinkedHashMap<>();
  private static final Map<String, String> PACKED = new LinkedHashMap<>();

  static {
    FOREIGN.put("KDMV", "VMDK");
    FOREIGN.put("COWD", "VMDK");
    FOREIGN.put("# Disk DescriptorFile", "VMDK");
    FOREIGN.put("vhdxfile", "VHDX");
    FOREIGN.put("conectix", "VHD");
    FOREIGN.put("QED\0", "QED");
    FOREIGN.put("LUKS\u00ba\u00be", "LUKS");
    FOREIGN.put("WithoutFreeSpace", "Parallels");
    FOREIGN.put("WithouFreSpacExt", "Parallels");
    FOREIGN.put("Bochs Virtual HD Image", "Bochs");
    PACKED.put("\u001f\u008b", "gzip");
    PACKED.put("(\u00b5/\u00fd", "zstd");
    PACKED.put("\u00fd7zXZ\0", "xz");
    PACKED.put("BZh", "bzip2");
    PACKED.put("\u0002!L\u0018", "lz4");
    PACKED.put("\u0004\"M\u0018", "lz4");
    PACKED.put("\u0089LZO\0\r\n\u001a\n", "lzo");
    PACKED.put("]\0\0", "lzma");
    PACKED.put("070701", "cpio");
    PACKED.put("070702", "cpio");
  }

  private Magic() {}

  static boolean qcow2(byte[] head) {
    return at(head, 0, "QFI\u00fb");
  }

  /** The name of a disk format that is not ours, or null. */
  static @Nullable String foreignDisk(byte[] head) {
    // VDI's first 64 bytes are free text.
    return at(head, 0x40, "\u007f\u0010\u00da\u00be") ? "VDI" : starting(head, FOREIGN);
  }

  static boolean iso(byte[] head) {
    return at(head, 16 * 2048 + 1, "CD001");
  }

  /** What sort of kernel it is, or null. */
  static @Nullable String kernel(byte[] head) {
    if (at(head, 0x202, "HdrS")) {
      return "bzImage";
    }
    return at(head, 0, "\u007fELF") ? "ELF" : null;
  }

  /** How an archive is packed, or null. */
  static @Nullable String packed(byte[] head) {
    return starting(head, PACKED);
  }

  /** A boot sector or a partition table. */
  static boolean partitioned(byte[] head) {
    return at(head, 510, "U\u00aa") || at(head, 512, "EFI PART");
  }

  static boolean webPage(byte[] head) {
    String text =
        new String(head, 0, Math.min(head.length, 512), ISO_8859_1)
            .stripLeading()
            .toLowerCase(Locale.ROOT);
    return text.startsWith("<!doctype html")
        || text.startsWith("<html")
        || text.startsWith("<?xml");
  }

  private static @Nullable String starting(byte[] head, Map<String, String> marks) {
    for (Map.Entry<String, String> mark : marks.entrySet()) {
      if (at(head, 0, mark.getKey())) {
        return mark.getValue();
      }
    }
    return null;
  }

  private static boolean at(byte[] head, int offset, String mark) {
    byte[] wanted = mark.getBytes(ISO_8859_1);
    return head.length >= offset + wanted.length
        && Arrays.equals(head, offset, offset + wanted.length, wanted, 0, wanted.length);
  }
}
