package dev.lodge.domain.image;

import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import org.jspecify.annotations.Nullable;

/** What a file was found to be. */
public sealed interface ImageHeader {

  /** The word of the API for it. */
  Format format();

  /** The word of QEMU for it: {@code qcow2}, else {@code raw}. */
  default String qemuFormat() {
    return format() == Format.QCOW2 ? "qcow2" : "raw";
  }

  /**
   * @param backingFile as the header names it; null: it stands alone
   * @param clusterBits log2 of the cluster size
   */
  record Qcow2(int version, int clusterBits, long virtualSize, @Nullable String backingFile)
      implements ImageHeader {
    @Override
    public Format format() {
      return Format.QCOW2;
    }
  }

  /** A disk byte by byte. */
  record Raw() implements ImageHeader {
    @Override
    public Format format() {
      return Format.Raw;
    }
  }

  /** A CD-ROM or DVD. */
  record Iso() implements ImageHeader {
    @Override
    public Format format() {
      return Format.ISO;
    }
  }

  /** A Linux kernel. */
  record Kernel(String kind) implements ImageHeader {
    @Override
    public Format format() {
      return Format.Kernel;
    }
  }

  /** An initial RAM disk. */
  record Initrd(String compression) implements ImageHeader {
    @Override
    public Format format() {
      return Format.Initrd;
    }
  }

  /** Firmware. */
  record Rom() implements ImageHeader {
    @Override
    public Format format() {
      return Format.ROM;
    }
  }
}
