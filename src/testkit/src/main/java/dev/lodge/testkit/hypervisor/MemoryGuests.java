package dev.lodge.testkit.hypervisor;

import dev.lodge.domain.hypervisor.DomainState.Power;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;

/** What guests do by themselves; each names a domain that runs. */
public final class MemoryGuests {
  private final MemoryHost host;

  MemoryGuests(MemoryHost host) {
    this.host = host;
  }

  /** The guest shuts down. */
  public void end(String domainName) {
    endNow(domainName, How.SHUTDOWN);
  }

  /** QEMU is killed, or crashes. */
  public void killQemu(String domainName) {
    endNow(domainName, How.CRASHED);
  }

  /** Somebody else pulls the plug: {@code virsh destroy}. */
  public void destroyByOthers(String domainName) {
    endNow(domainName, How.DESTROYED);
  }

  /** The guest panics; what follows is as its plan says. */
  public void panic(String domainName) {
    synchronized (host) {
      MemoryDomain d = running(domainName);
      MachinePlan.CrashAction action =
          d.plan == null ? MachinePlan.CrashAction.DESTROY : d.plan.onCrash();
      switch (action) {
        case RESTART -> {
          d.resets++;
          host.changed(d, "rebooted");
        }
        case PRESERVE -> {
          d.become(Power.CRASHED, "panicked");
          host.changed(d, "crashed");
        }
        case DESTROY -> host.end(d, How.CRASHED);
      }
    }
    host.deliver();
  }

  /** The guest is paused by an I/O error. */
  public void ioError(String domainName) {
    synchronized (host) {
      MemoryDomain d = running(domainName);
      d.become(Power.PAUSED, "I/O error");
      host.changed(d, "suspended");
    }
    host.deliver();
  }

  /** It vanishes without any event, as while nobody was connected. */
  public void vanish(String domainName, How how) {
    synchronized (host) {
      MemoryDomain d = running(domainName);
      d.consoles.values().forEach(MemoryConsole::end);
      host.domains.remove(domainName);
      host.ends.put(domainName, how);
    }
  }

  /** The guest pays no heed to the power button from now on. */
  public void ignorePowerButton(String domainName) {
    synchronized (host) {
      host.deafToAcpi.add(domainName);
    }
  }

  /** How often it was reset. */
  public int resets(String domainName) {
    synchronized (host) {
      return running(domainName).resets;
    }
  }

  /** The device as it is now, after changes of medium and link. */
  public DevicePlan device(String domainName, String deviceName) {
    synchronized (host) {
      DevicePlan device = running(domainName).devices.get(deviceName);
      if (device == null) {
        throw new IllegalArgumentException(domainName + " has no device " + deviceName);
      }
      return device;
    }
  }

  /** All that was typed on a console. */
  public byte[] typed(String domainName, String consoleName) {
    synchronized (host) {
      MemoryConsole console = running(domainName).consoles.get(consoleName);
      return console == null ? new byte[0] : console.typed();
    }
  }

  private void endNow(String domainName, How how) {
    synchronized (host) {
      host.end(running(domainName), how);
    }
    host.deliver();
  }

  private MemoryDomain running(String domainName) {
    MemoryDomain d = host.domains.get(domainName);
    if (d == null) {
      throw new IllegalArgumentException("no domain " + domainName);
    }
    return d;
  }
}
