package dev.lodge.domain.image;

import org.jspecify.annotations.Nullable;

/**
 * How much is let through.
 *
 * @param maxVirtualSize in bytes
 * @param allowedBacking the only backing file that a qcow2 header may, and then must, name; null:
 *     none
 * @param deep look at every entry of the first level table too, so that a file that was cut off is
 *     found; not needed for files that only Lodge and QEMU wrote
 */
public record InspectionPolicy(long maxVirtualSize, @Nullable String allowedBacking, boolean deep) {
  /** More than any guest needs, far below what makes QEMU allocate memory for tables. */
  public static final long DEFAULT_MAX_VIRTUAL_SIZE = 64L << 40;

  /** For files that came from outside. */
  public static final InspectionPolicy FOREIGN =
      new InspectionPolicy(DEFAULT_MAX_VIRTUAL_SIZE, null, true);

  /** For a qcow2 file that Lodge made: its backing file must still be the one it was made with. */
  public static InspectionPolicy own(@Nullable String backing) {
    return new InspectionPolicy(DEFAULT_MAX_VIRTUAL_SIZE, backing, false);
  }
}
