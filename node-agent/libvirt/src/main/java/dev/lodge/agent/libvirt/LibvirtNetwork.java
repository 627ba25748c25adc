package dev.lodge.agent.libvirt;

import com.sun.jna.Pointer;
import dev.lodge.libvirtxml.NetworkXmlReader;
import dev.lodge.libvirtxml.NetworkXmlReader.ReadNetwork;
import org.jspecify.annotations.Nullable;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.jna.NetworkPointer;

/** A native handle of a network, freed when it is closed. */
record LibvirtNetwork(NetworkPointer handle) implements AutoCloseable {
  private static final int AFFECT_LIVE = 1;

  static LibvirtNetwork at(Pointer address) {
    NetworkPointer handle = new NetworkPointer();
    handle.setPointer(address);
    return new LibvirtNetwork(handle);
  }

  /** The network of this name, or null: there is none. */
  static @Nullable LibvirtNetwork find(NativeConnection c, String name) throws LibvirtError {
    NetworkPointer handle = LibvirtNative.VIRT.virNetworkLookupByName(c.handle(), name);
    if (handle != null) {
      return new LibvirtNetwork(handle);
    }
    LibvirtError e = LibvirtError.last();
    if (e.code() == ErrorNumber.VIR_ERR_NO_NETWORK) {
      return null;
    }
    throw e;
  }

  static LibvirtNetwork create(NativeConnection c, String xml) throws LibvirtError {
    return new LibvirtNetwork(
        LibvirtError.check(LibvirtNative.VIRT.virNetworkCreateXML(c.handle(), xml)));
  }

  ReadNetwork read() throws LibvirtError {
    return NetworkXmlReader.read(
        LibvirtNative.take(LibvirtError.check(LibvirtNative.VIRT.virNetworkGetXMLDesc(handle, 0))));
  }

  /** How many running interfaces it has. */
  int ports() throws LibvirtError {
    return LibvirtError.check(LibvirtNative.VIRT.virNetworkListAllPorts(handle, null, 0));
  }

  /** Changes a part of it while it runs; virNetworkUpdateCommand, virNetworkUpdateSection. */
  void update(int command, int section, String xml) throws LibvirtError {
    LibvirtError.check(
        LibvirtNative.VIRT.virNetworkUpdate(handle, command, section, -1, xml, AFFECT_LIVE));
  }

  /** Ends it; one that is gone already is no failure. */
  void destroy() throws LibvirtError {
    if (LibvirtNative.VIRT.virNetworkDestroy(handle) < 0) {
      LibvirtError e = LibvirtError.last();
      if (e.code() != ErrorNumber.VIR_ERR_NO_NETWORK) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    LibvirtNative.VIRT.virNetworkFree(handle);
  }
}
