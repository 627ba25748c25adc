package dev.lodge.domain.image;

import dev.lodge.api.common.Quantity;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import dev.lodge.domain.image.Inspection.Accepted;
import dev.lodge.domain.image.Inspection.Refused;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header of a file from outside and says whether QEMU may open it. QEMU's own drivers are
 * not asked, because they act on what they read: a header can name other files of the host, or
 * sizes that eat its memory.
 */
public final class ImageInspector {
  /** Firmware is mapped below 4 GiB; more does not fit. */
  static final long MAX_ROM = 16L << 20;

  /** Far above any kernel or initial RAM disk; QEMU reads them into memory as a whole. */
  static final long MAX_BOOT_FILE = 2L << 30;

  private static final int HEAD = 64 * 1024;

  private ImageInspector() {}

  /**
   * Looks into a file.
   *
   * @param declared what the user says it is; null: what its header says
   */
  public static Inspection inspect(
      ImageBytes file, @Nullable Format declared, InspectionPolicy policy) throws IOException {
    long size = file.size();
    if (size <= 0) {
      return new Refused("the file is empty", "check where it comes from");
    }
    byte[] head = new byte[(int) Math.min(HEAD, size)];
    head = Arrays.copyOf(head, file.read(0, head));
    Inspection found =
        declared == null ? guess(file, head, size, policy) : as(declared, file, head, policy);
    return found instanceof Accepted a ? bounded(a, policy) : found;
  }

  private static Inspection bounded(Accepted a, InspectionPolicy policy) {
    return a.virtualSize() <= policy.maxVirtualSize()
        ? a
        : new Refused(
            "its virtual size is "
                + Quantity.ofBytes(a.virtualSize())
                + ", more than the "
                + Quantity.ofBytes(policy.maxVirtualSize())
                + " allowed",
            "use a smaller image");
  }

  private static Inspection guess(ImageBytes file, byte[] head, long size, InspectionPolicy policy)
      throws IOException {
    Refused foreign = foreign(head);
    if (foreign != null) {
      return foreign;
    }
    if (Magic.qcow2(head)) {
      return Qcow2Header.inspect(file, head, policy);
    }
    if (Magic.iso(head)) {
      return new Accepted(new ImageHeader.Iso(), size);
    }
    String kernel = Magic.kernel(head);
    if (kernel != null) {
      return bootFile(new ImageHeader.Kernel(kernel), size);
    }
    String packed = Magic.packed(head);
    if (packed != null && packed.equals("cpio")) {
      return bootFile(new ImageHeader.Initrd(packed), size);
    }
    if (packed != null) {
      return new Refused(
          "it is packed with " + packed,
          "say format: Initrd if it is an initial RAM disk; a disk image must be unpacked first");
    }
    if (Magic.partitioned(head)) {
      return new Accepted(new ImageHeader.Raw(), size);
    }
    if (Magic.webPage(head)) {
      return new Refused(
          "it is a web page, not an image", "check the address; it may ask for a login");
    }
    return new Refused(
        "its header does not say what it is",
        "say format: Raw if it is a disk byte by byte, or ROM for firmware");
  }

  private static Inspection as(
      Format declared, ImageBytes file, byte[] head, InspectionPolicy policy) throws IOException {
    long size = file.size();
    return switch (declared) {
      case QCOW2 -> {
        Refused foreign = foreign(head);
        yield foreign != null
            ? foreign
            : Magic.qcow2(head)
                ? Qcow2Header.inspect(file, head, policy)
                : new Refused("it has no QCOW2 header", "say format: Raw if it is a raw disk");
      }
      case Raw -> {
        Refused foreign = foreign(head);
        yield foreign != null
            ? foreign
            : Magic.qcow2(head)
                ? new Refused("it is declared Raw but has a QCOW2 header", "say format: QCOW2")
                : new Accepted(new ImageHeader.Raw(), size);
      }
      case ISO ->
          Magic.iso(head)
              ? new Accepted(new ImageHeader.Iso(), size)
              : new Refused(
                  "it has no ISO 9660 header", "say format: Raw if it is a raw disk, or QCOW2");
      case Kernel -> {
        String kind = Magic.kernel(head);
        yield kind != null
            ? bootFile(new ImageHeader.Kernel(kind), size)
            : new Refused(
                "it is no Linux kernel (neither a bzImage nor an ELF file)",
                "use the vmlinuz or vmlinux of the guest");
      }
      case Initrd -> {
        String kind = Magic.packed(head);
        yield kind != null
            ? bootFile(new ImageHeader.Initrd(kind), size)
            : new Refused(
                "it is no initial RAM disk (neither a cpio archive nor a packed one)",
                "use the initrd.img of the guest");
      }
      case ROM ->
          size > MAX_ROM
              ? new Refused("firmware has at most 16 MiB, this has " + size, "use another file")
              : size % 4096 != 0
                  ? new Refused(
                      "firmware is a multiple of 4096 bytes, this has " + size,
                      "pad the file, or use another one")
                  : new Accepted(new ImageHeader.Rom(), size);
    };
  }

  private static Inspection bootFile(ImageHeader header, long size) {
    return size <= MAX_BOOT_FILE
        ? new Accepted(header, size)
        : new Refused("it has " + size + " bytes, more than 2 GiB", "use another file");
  }

  /** Formats of others: QEMU could read them, and follow what they name. */
  private static @Nullable Refused foreign(byte[] head) {
    String name = Magic.foreignDisk(head);
    return name == null
        ? null
        : new Refused(
            "it is a " + name + " image, which Lodge does not open",
            "convert it: qemu-img convert -O qcow2 <file> <file>.qcow2");
  }
}
