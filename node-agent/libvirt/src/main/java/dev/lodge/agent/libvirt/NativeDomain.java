package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.DomainId;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.jna.DomainPointer;

/** A reference to a domain, for the length of one call on one connection. */
record NativeDomain(DomainPointer handle) implements AutoCloseable {
  private static final int UUID_BUFFER = 37;

  /** The domain of this name, or null: there is certainly none. */
  static @Nullable NativeDomain byName(NativeConnection c, String name) throws LibvirtError {
    return found(LibvirtNative.VIRT.virDomainLookupByName(c.handle(), name));
  }

  /** The domain with this UUID, or null: there is certainly none. */
  static @Nullable NativeDomain byUuid(NativeConnection c, String uuid) throws LibvirtError {
    return found(LibvirtNative.VIRT.virDomainLookupByUUIDString(c.handle(), uuid));
  }

  private static @Nullable NativeDomain found(@Nullable DomainPointer handle) throws LibvirtError {
    if (handle != null) {
      return new NativeDomain(handle);
    }
    LibvirtError e = LibvirtError.last();
    if (e.code() == ErrorNumber.VIR_ERR_NO_DOMAIN) {
      return null;
    }
    throw e;
  }

  /** Name and UUID, which the handle carries: no call to the daemon. */
  DomainId id() {
    return idOf(handle);
  }

  static DomainId idOf(DomainPointer handle) {
    byte[] uuid = new byte[UUID_BUFFER];
    LibvirtNative.VIRT.virDomainGetUUIDString(handle, uuid);
    String name = LibvirtNative.VIRT.virDomainGetName(handle);
    return new DomainId(
        name == null ? "" : name, new String(uuid, 0, UUID_BUFFER - 1, StandardCharsets.US_ASCII));
  }

  /** The number of this run of the domain, or -1 if it does not run; carried by the handle. */
  int run() {
    return LibvirtNative.VIRT.virDomainGetID(handle);
  }

  @Override
  public void close() {
    LibvirtNative.VIRT.virDomainFree(handle);
  }
}
