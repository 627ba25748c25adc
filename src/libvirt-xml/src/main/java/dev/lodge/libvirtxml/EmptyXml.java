package dev.lodge.libvirtxml;

import org.jspecify.annotations.Nullable;

/** An element whose presence says it all. */
record EmptyXml() {
  static @Nullable EmptyXml when(boolean present) {
    return present ? new EmptyXml() : null;
  }
}
