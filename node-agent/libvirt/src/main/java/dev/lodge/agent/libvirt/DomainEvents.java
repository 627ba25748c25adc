package dev.lodge.agent.libvirt;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import java.util.Map;
import org.libvirt.jna.DomainPointer;

/**
 * libvirt's domain events in the port's words. The callbacks exist once and for ever: libvirt may
 * still call one while it is being deregistered. They only hand on.
 */
final class DomainEvents {
  private static final int LIFECYCLE = 0;
  private static final int REBOOT = 1;
  private static final int STOPPED = 5;

  private static final LibvirtNative.LifecycleCallback ON_LIFECYCLE = DomainEvents::onLifecycle;
  private static final LibvirtNative.RebootCallback ON_REBOOT = DomainEvents::onReboot;

  private DomainEvents() {}

  /** What to register, by libvirt's number of the event. */
  static Map<Integer, Callback> callbacks() {
    return Map.of(LIFECYCLE, ON_LIFECYCLE, REBOOT, ON_REBOOT);
  }

  private static int onLifecycle(
      Pointer connection, DomainPointer domain, int event, int detail, Pointer number) {
    DomainId id = NativeDomain.idOf(domain);
    NativeConnection.emit(
        number,
        event == STOPPED
            ? new HypervisorEvent.DomainEnded(id, how(detail))
            : new HypervisorEvent.DomainChanged(id, what(event)));
    return 0;
  }

  private static void onReboot(Pointer connection, DomainPointer domain, Pointer number) {
    NativeConnection.emit(
        number, new HypervisorEvent.DomainChanged(NativeDomain.idOf(domain), "rebooted"));
  }

  /** virDomainEventStoppedDetailType; "failed" is a QEMU that died without a word. */
  static How how(int detail) {
    return switch (detail) {
      case 0 -> How.SHUTDOWN;
      case 1 -> How.DESTROYED;
      case 2, 5 -> How.CRASHED;
      default -> How.UNKNOWN;
    };
  }

  /** virDomainEventType. */
  static String what(int event) {
    return switch (event) {
      case 0 -> "defined";
      case 1 -> "undefined";
      case 2 -> "started";
      case 3 -> "suspended";
      case 4 -> "resumed";
      case 6 -> "shut down";
      case 7 -> "suspended by the guest";
      case 8 -> "crashed";
      default -> "changed";
    };
  }
}
