package dev.lodge.domain.validation;

import dev.lodge.api.common.Quantity;

/** Bounds of amounts of bytes. */
final class Sizes {
  static final long MIB = 1L << 20;
  static final long TIB = 1L << 40;

  private Sizes() {}

  /** Whether an amount is within bounds; one that no long can hold is not. */
  static boolean within(Quantity size, long least, long most) {
    return size.isValid() && size.bytes() >= least && size.bytes() <= most;
  }
}
