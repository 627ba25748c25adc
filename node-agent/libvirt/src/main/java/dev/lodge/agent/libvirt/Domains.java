package dev.lodge.agent.libvirt;

import com.sun.jna.ptr.IntByReference;
import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.domain.hypervisor.DomainDetails;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachineIdentity;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.libvirtxml.DeviceXml;
import dev.lodge.libvirtxml.DomainXmlReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.jna.DomainPointer;

/** The port's calls on domains. */
final class Domains {
  private static final int AFFECT_LIVE = 1;
  private static final int START_VALIDATE = 1 << 4;
  private static final int SHUTDOWN_ACPI = 1;
  private static final Duration TYPING_PATIENCE = Duration.ofSeconds(5);
  private static final int GONE_POLL_MILLIS = 10;

  private final NativeCalls calls;
  private final Function<MachinePlan, String> renderer;
  private final QemuLog log;
  private final PidFiles pids;
  private final Owners owners = new Owners();
  private final ValidShapes validShapes = new ValidShapes();

  Domains(NativeCalls calls, LibvirtConfig config, Function<MachinePlan, String> renderer) {
    this.renderer = renderer;
    this.calls = calls;
    this.log = new QemuLog(config.logs());
    this.pids = new PidFiles(config.pids());
  }

  /** A daemon was connected to, perhaps another one than before. */
  void connected() {
    validShapes.forget();
    owners.forgetAll();
  }

  /** A domain has ended. */
  void ended(DomainId id) {
    owners.forget(id.uuid());
  }

  /** Of how many domains something is remembered. */
  int remembered() {
    return owners.size();
  }

  List<DomainState> list() {
    return calls.quick(
        "list",
        c -> {
          List<Owners.Run> runs = new ArrayList<>();
          List<DomainState> all =
              StatsRecords.read(
                  c,
                  (domain, seen) -> {
                    runs.add(new Owners.Run(domain.id().uuid(), domain.run()));
                    return state(domain, seen);
                  });
          owners.keep(runs);
          return all;
        });
  }

  Optional<DomainState> find(String name) {
    return calls.quick(
        "find",
        c -> {
          try (NativeDomain domain = NativeDomain.byName(c, name)) {
            return domain == null ? Optional.empty() : Optional.of(state(domain, seen(domain)));
          } catch (LibvirtError e) {
            return none(e);
          }
        });
  }

  DomainState start(MachinePlan plan) {
    String xml = renderer.apply(plan);
    String shape = ValidShapes.of(xml);
    MachineIdentity identity = plan.identity();
    try {
      return calls.slow(
          "start",
          c -> {
            refuseSecond(c, identity);
            DomainPointer handle =
                LibvirtNative.VIRT.virDomainCreateXML(
                    c.handle(), xml, validShapes.contains(shape) ? 0 : START_VALIDATE);
            try (NativeDomain domain = new NativeDomain(LibvirtError.check(handle))) {
              DomainState.Owner owner =
                  new DomainState.Owner(
                      identity.namespace(), identity.name(), identity.uid(), identity.epoch());
              owners.learn(domain, owner);
              validShapes.add(shape);
              return new DomainState(
                  domain.id(),
                  owner,
                  DomainState.Power.RUNNING,
                  "booted",
                  pids.of(identity.domainName()));
            }
          });
    } catch (HypervisorException e) {
      throw e.failure() instanceof HypervisorFailure.StartFailed f && f.lastWords().isEmpty()
          ? new HypervisorException(
              new HypervisorFailure.StartFailed(f.message(), log.lastWords(identity.domainName())))
          : e;
    }
  }

  /** The power button and nothing else: by itself libvirt would ask the guest agent first. */
  void shutdown(DomainId id) {
    change(
        "shutdown",
        id,
        d -> {
          if (LibvirtNative.VIRT.virDomainShutdownFlags(d.handle(), SHUTDOWN_ACPI) < 0) {
            LibvirtError e = LibvirtError.last();
            // The test driver knows no flags, and only one way.
            if (e.code() != ErrorNumber.VIR_ERR_INVALID_ARG) {
              throw e;
            }
            LibvirtError.check(LibvirtNative.VIRT.virDomainShutdownFlags(d.handle(), 0));
          }
        });
  }

  void destroy(DomainId id) {
    calls.slow(
        "destroy",
        c -> {
          try (NativeDomain domain = find(c, id)) {
            if (domain != null && domain.run() >= 0) {
              owners.ours(domain);
              if (LibvirtNative.VIRT.virDomainDestroyFlags(domain.handle(), 0) < 0) {
                LibvirtError e = LibvirtError.last();
                if (runs(c, id)) {
                  throw e;
                }
              }
              awaitGone(c, id);
            }
            return id;
          } catch (LibvirtError e) {
            // It ended by itself meanwhile, which is what was wanted.
            if (e.code() != ErrorNumber.VIR_ERR_NO_DOMAIN) {
              throw e;
            }
            return id;
          }
        });
  }

  void reset(DomainId id) {
    change("reset", id, d -> LibvirtError.check(LibvirtNative.VIRT.virDomainReset(d.handle(), 0)));
  }

  void suspend(DomainId id) {
    towards("suspend", id, DomainState.Power.PAUSED, LibvirtNative.VIRT::virDomainSuspend);
  }

  void resume(DomainId id) {
    towards("resume", id, DomainState.Power.RUNNING, LibvirtNative.VIRT::virDomainResume);
  }

  void changeMedium(DomainId id, DevicePlan.Disk cdrom) {
    update("changeMedium", id, DeviceXml.disk(cdrom));
  }

  void setLink(DomainId id, DevicePlan.Interface nic) {
    update("setLink", id, DeviceXml.nic(nic));
  }

  DomainDetails details(DomainId id) {
    return DomainXmlReader.read(xml("details", id)).details();
  }

  How lastEnd(String domainName) {
    return log.lastEnd(domainName);
  }

  String liveXml(DomainId id) {
    return xml("liveXml", id);
  }

  ConsoleInput openConsole(DomainId id, DevicePlan.Console console) {
    return calls.quick(
        "openConsole",
        c -> {
          try (NativeDomain domain = ours(c, id)) {
            if (domain.run() < 0) {
              throw new HypervisorException(
                  new HypervisorFailure.Busy("domain '%s' does not run".formatted(id.name())));
            }
            return ConsoleSession.open(console.socket(), TYPING_PATIENCE);
          }
        });
  }

  /** The domain of ours with this name and UUID, or the failure that says why not. */
  private NativeDomain ours(NativeConnection c, DomainId id) throws LibvirtError {
    NativeDomain domain = find(c, id);
    if (domain == null) {
      throw new HypervisorException(
          new HypervisorFailure.NotFound("no domain '%s'".formatted(id.name())));
    }
    try {
      owners.ours(domain);
      return domain;
    } catch (LibvirtError | HypervisorException e) {
      domain.close();
      throw e;
    }
  }

  private String xml(String call, DomainId id) {
    return calls.quick(
        call,
        c -> {
          try (NativeDomain domain = find(c, id)) {
            if (domain == null) {
              throw new HypervisorException(
                  new HypervisorFailure.NotFound("no domain '%s'".formatted(id.name())));
            }
            return LibvirtNative.take(
                LibvirtError.check(LibvirtNative.VIRT.virDomainGetXMLDesc(domain.handle(), 0)));
          }
        });
  }

  private void update(String call, DomainId id, String xml) {
    change(
        call,
        id,
        d ->
            LibvirtError.check(
                LibvirtNative.VIRT.virDomainUpdateDeviceFlags(d.handle(), xml, AFFECT_LIVE)));
  }

  @FunctionalInterface
  private interface Change {
    void apply(NativeDomain domain) throws LibvirtError;
  }

  private void change(String call, DomainId id, Change change) {
    calls.quick(
        call,
        c -> {
          try (NativeDomain domain = ours(c, id)) {
            change.apply(domain);
            return id;
          }
        });
  }

  /** To be there already is no failure. */
  private void towards(
      String call, DomainId id, DomainState.Power wanted, ToIntFunction<DomainPointer> flip) {
    change(
        call,
        id,
        d -> {
          if (flip.applyAsInt(d.handle()) < 0) {
            LibvirtError e = LibvirtError.last();
            if (DomainStates.power(seen(d), d.run()) != wanted) {
              throw e;
            }
          }
        });
  }

  private DomainState state(NativeDomain domain, DomainStates.Seen seen) throws LibvirtError {
    DomainId id = domain.id();
    int run = domain.run();
    return new DomainState(
        id,
        owners.of(domain),
        DomainStates.power(seen, run),
        DomainStates.reason(seen),
        run < 0 ? 0 : pids.of(id.name()));
  }

  private static DomainStates.Seen seen(NativeDomain domain) throws LibvirtError {
    IntByReference state = new IntByReference();
    IntByReference reason = new IntByReference();
    LibvirtError.check(LibvirtNative.VIRT.virDomainGetState(domain.handle(), state, reason, 0));
    return new DomainStates.Seen(state.getValue(), reason.getValue());
  }

  /** It may end between two calls. */
  private static <T> Optional<T> none(LibvirtError e) throws LibvirtError {
    if (e.code() == ErrorNumber.VIR_ERR_NO_DOMAIN) {
      return Optional.empty();
    }
    throw e;
  }

  private static @Nullable NativeDomain find(NativeConnection c, DomainId id) throws LibvirtError {
    NativeDomain domain = NativeDomain.byUuid(c, id.uuid());
    if (domain != null && !domain.id().name().equals(id.name())) {
      domain.close();
      return null;
    }
    return domain;
  }

  private static void refuseSecond(NativeConnection c, MachineIdentity identity)
      throws LibvirtError {
    try (NativeDomain byName = NativeDomain.byName(c, identity.domainName());
        NativeDomain byUuid = NativeDomain.byUuid(c, identity.uuid())) {
      NativeDomain there = byName == null ? byUuid : byName;
      if (there != null) {
        throw new HypervisorException(
            new HypervisorFailure.AlreadyExists(
                "domain '%s' with UUID %s exists".formatted(there.id().name(), there.id().uuid())));
      }
    }
  }

  private static boolean runs(NativeConnection c, DomainId id) throws LibvirtError {
    try (NativeDomain domain = find(c, id)) {
      return domain != null && domain.run() >= 0;
    }
  }

  /** libvirt has killed QEMU when destroy returns; that it is gone is seen, not believed. */
  private static void awaitGone(NativeConnection c, DomainId id) throws LibvirtError {
    while (runs(c, id)) {
      try {
        Thread.sleep(GONE_POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new HypervisorException(
            new HypervisorFailure.TimedOut("destroy of '%s' was interrupted".formatted(id.name())));
      }
    }
  }
}
