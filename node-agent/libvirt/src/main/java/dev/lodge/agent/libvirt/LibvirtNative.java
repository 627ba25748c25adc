package dev.lodge.agent.libvirt;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;
import org.libvirt.jna.NetworkPointer;

/**
 * The calls of libvirt.so that this package makes on libvirt-java's handles: what libvirt-java does
 * not bind, and what it binds without UTF-8 or behind objects whose finalizers call libvirt.
 * Strings go both ways as UTF-8, whatever the locale. A {@code String} returned is libvirt's own
 * and not to be freed; a {@code Pointer} to text is the caller's, see {@link #take}.
 */
interface LibvirtNative extends Library {
  LibvirtNative VIRT =
      Native.load("virt", LibvirtNative.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));

  // --- errors
  @Nullable Pointer virGetLastError();

  void virSetErrorFunc(@Nullable Pointer user, Pointer function);

  // --- the connection
  int virConnectIsAlive(ConnectionPointer c);

  int virConnectSetKeepAlive(ConnectionPointer c, int seconds, int count);

  int virConnectRegisterCloseCallback(
      ConnectionPointer c, CloseCallback callback, Pointer opaque, @Nullable Pointer free);

  int virConnectUnregisterCloseCallback(ConnectionPointer c, CloseCallback callback);

  int virConnectDomainEventRegisterAny(
      ConnectionPointer c,
      @Nullable DomainPointer d,
      int event,
      Callback callback,
      Pointer opaque,
      @Nullable Pointer free);

  int virConnectDomainEventDeregisterAny(ConnectionPointer c, int callbackId);

  // --- the host
  @Nullable Pointer virConnectGetCapabilities(ConnectionPointer c);

  @Nullable Pointer virConnectGetDomainCapabilities(
      ConnectionPointer c,
      @Nullable String emulator,
      @Nullable String arch,
      @Nullable String machine,
      @Nullable String virtualization,
      int flags);

  @Nullable Pointer virConnectGetHostname(ConnectionPointer c);

  int virConnectGetLibVersion(ConnectionPointer c, LongByReference version);

  int virConnectGetVersion(ConnectionPointer c, LongByReference version);

  // --- domains
  int virConnectGetAllDomainStats(
      ConnectionPointer c, int groups, PointerByReference records, int flags);

  void virDomainStatsRecordListFree(Pointer records);

  @Nullable DomainPointer virDomainCreateXML(ConnectionPointer c, String xml, int flags);

  @Nullable DomainPointer virDomainLookupByName(ConnectionPointer c, String name);

  @Nullable DomainPointer virDomainLookupByUUIDString(ConnectionPointer c, String uuid);

  int virDomainFree(DomainPointer d);

  @Nullable String virDomainGetName(DomainPointer d);

  int virDomainGetUUIDString(DomainPointer d, byte[] uuid);

  int virDomainGetID(DomainPointer d);

  int virDomainGetState(DomainPointer d, IntByReference state, IntByReference reason, int flags);

  @Nullable Pointer virDomainGetMetadata(DomainPointer d, int type, String uri, int flags);

  @Nullable Pointer virDomainGetXMLDesc(DomainPointer d, int flags);

  int virDomainDestroyFlags(DomainPointer d, int flags);

  int virDomainShutdownFlags(DomainPointer d, int flags);

  int virDomainReset(DomainPointer d, int flags);

  int virDomainSuspend(DomainPointer d);

  int virDomainResume(DomainPointer d);

  int virDomainUpdateDeviceFlags(DomainPointer d, String xml, int flags);

  // --- networks
  int virConnectListAllNetworks(ConnectionPointer c, PointerByReference networks, int flags);

  @Nullable NetworkPointer virNetworkCreateXML(ConnectionPointer c, String xml);

  @Nullable NetworkPointer virNetworkLookupByName(ConnectionPointer c, String name);

  int virNetworkFree(NetworkPointer n);

  int virNetworkIsActive(NetworkPointer n);

  @Nullable Pointer virNetworkGetXMLDesc(NetworkPointer n, int flags);

  int virNetworkDestroy(NetworkPointer n);

  int virNetworkUpdate(
      NetworkPointer n, int command, int section, int parentIndex, String xml, int flags);

  int virNetworkListAllPorts(NetworkPointer n, @Nullable PointerByReference ports, int flags);

  int virNetworkGetDHCPLeases(
      NetworkPointer n, @Nullable String mac, PointerByReference leases, int flags);

  void virNetworkDHCPLeaseFree(Pointer lease);

  /** A connection ended by itself. */
  interface CloseCallback extends Callback {
    void on(Pointer connection, int reason, Pointer opaque);
  }

  /** A domain's life cycle went on. */
  interface LifecycleCallback extends Callback {
    int on(Pointer connection, DomainPointer domain, int event, int detail, Pointer opaque);
  }

  /** A domain was rebooted or reset. */
  interface RebootCallback extends Callback {
    void on(Pointer connection, DomainPointer domain, Pointer opaque);
  }

  /** The text, whose memory is freed. */
  static String take(Pointer text) {
    try {
      return text.getString(0, "UTF-8");
    } finally {
      Native.free(Pointer.nativeValue(text));
    }
  }

  /**
   * Keeps libvirt from printing every error on stderr. The function is a native one that ignores
   * its arguments: a Java callback would be an upcall for each error.
   */
  static void silence() {
    VIRT.virSetErrorFunc(null, NativeLibrary.getInstance("c").getFunction("getpid"));
  }
}
