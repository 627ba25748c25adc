package org.libvirt;

import org.jspecify.annotations.NullMarked;
import org.libvirt.jna.ConnectionPointer;

/**
 * Opens what libvirt-java keeps to its own package. Two jars share this package, so both must be on
 * the class path, never on the module path.
 */
@NullMarked
public final class Handles {
  private Handles() {}

  /** The native handle of a connection; valid until it is closed. */
  public static ConnectionPointer of(Connect connect) {
    return connect.vcp;
  }
}
