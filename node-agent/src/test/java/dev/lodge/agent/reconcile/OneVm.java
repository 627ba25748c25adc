package dev.lodge.agent.reconcile;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.source.DirectoryStore;
import dev.lodge.agent.source.DirectoryStoreOptions;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Request;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.MachineIdentity;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.ownership.Host;
import dev.lodge.domain.plan.MachinePlanner;
import dev.lodge.manifest.LodgeJson;
import dev.lodge.testkit.hypervisor.HypervisorCall;
import dev.lodge.testkit.hypervisor.InMemoryHypervisor;
import dev.lodge.testkit.plan.Plans;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One VM with a real store and real node records, on a hypervisor in memory with its virtual clock.
 * Passes are run by the test itself, so that nothing happens in between.
 */
final class OneVm implements AutoCloseable {
  static final String NAME = "a";
  static final String DOMAIN = DomainNames.domain("test", NAME);
  private static final ObjectKey KEY = new ObjectKey(ResourceKind.VirtualMachine, "test", NAME);

  final InMemoryHypervisor hypervisor = new InMemoryHypervisor();
  final NodeRecords records;
  final DirectoryStore store;
  final List<String> events = new ArrayList<>();
  final AtomicInteger released = new AtomicInteger();
  final AtomicInteger deleted = new AtomicInteger();

  /** Disks that QEMU is said not to have opened. */
  List<String> notOpened = List.of();

  /** What happens right before a start. */
  private Runnable beforeStart = () -> {};

  private final Path state;
  private final WorkLoop<ObjectKey> loop = new WorkLoop<>("vm", 1, _ -> {}, _ -> {});
  private VmRuntime runtime;
  private Host host = new Host("node", 1, 0, "nonce-1", true);
  private int agents = 1;

  /**
   * @param spec further members, e.g. {@code "stop":{"gracePeriodSeconds":30}}; may be empty
   */
  OneVm(Path directory, String spec) throws IOException, InterruptedException {
    state = directory.resolve("state");
    store =
        DirectoryStore.open(
            DirectoryStoreOptions.of(directory.resolve("manifests"), state, (_, _, _) -> List.of())
                .withTimes(Duration.ofMillis(50), Duration.ofSeconds(60)));
    records = new NodeRecords(state.resolve("vms"), LodgeJson.mapper());
    store.create(
        (ObjectNode)
            LodgeJson.mapper()
                .readTree(
                    """
                    {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
                     "metadata":{"name":"%s","namespace":"test"},
                     "spec":{"cpu":{"count":1},"memory":{"size":"64Mi"}%s}}
                    """
                        .formatted(NAME, spec.isEmpty() ? "" : "," + spec)));
    runtime = new VmRuntime(vm().uid(), host);
    hypervisor.listen(
        event -> {
          switch (event) {
            case HypervisorEvent.DomainChanged _ -> runtime.hint(null);
            case HypervisorEvent.DomainEnded e -> runtime.hint(e.how());
            case HypervisorEvent.Connected _, HypervisorEvent.Disconnected _ -> runtime.hint(null);
          }
        });
  }

  /** One pass, as the work loop would run it now. */
  void pass() {
    new VmPass(
            new VmReconciler.Surroundings(
                host,
                store,
                records,
                hypervisor,
                new Disks(),
                new Told(),
                new NoMetrics(),
                hypervisor.clock()),
            vm(),
            runtime,
            loop)
        .run();
  }

  /** A pass whose look after the start gets no answer. */
  void passWithStuckLook() {
    beforeStart =
        () ->
            hypervisor.failNext(
                HypervisorCall.FIND,
                1,
                new HypervisorFailure.TimedOut("libvirt did not answer within 10 s"));
    pass();
    beforeStart = () -> {};
  }

  /** The agent is stopping: passes under way still end. */
  void stopLoop() {
    loop.close();
  }

  /** Lets time pass, then looks. */
  void passAfter(Duration time) {
    hypervisor.clock().advance(time);
    pass();
  }

  /** The agent dies and another one begins: what was only in memory is lost. */
  void newAgent() {
    agents++;
    host = new Host("node", 1, 0, "nonce-" + agents, true);
    runtime = new VmRuntime(vm().uid(), host);
  }

  /** Writes a request into the status, as a verb of the API does. */
  void ask(String verb, boolean force) {
    store.changeStatus(
        KEY,
        vm().uid(),
        status -> {
          status
              .withArrayProperty("requests")
              .add(
                  LodgeJson.tree(
                      new Request(
                          verb + "-" + force,
                          verb,
                          force ? true : null,
                          "tester",
                          "2026-01-01T00:00:00Z",
                          status.path("epoch").asLong())));
          return status;
        });
  }

  void powerState(String wish) {
    ObjectNode manifest = vm().tree().deepCopy();
    manifest.remove("status");
    manifest.withObjectProperty("spec").put("powerState", wish);
    store.replace(manifest, 0);
  }

  StoredObject vm() {
    return store.get(KEY).orElseThrow(() -> new AssertionError("the VM is gone"));
  }

  boolean exists() {
    return store.get(KEY).isPresent();
  }

  void delete() {
    store.delete(KEY);
  }

  VirtualMachineStatus status() {
    return VmTree.status(vm());
  }

  Condition ready() {
    return status().conditions().stream()
        .filter(c -> c.type().equals("Ready"))
        .findFirst()
        .orElseThrow();
  }

  /** The VmHost says that this boot is over. */
  void fence() {
    runtime.fencedThrough = host.bootGeneration();
  }

  VmRuntime runtime() {
    return runtime;
  }

  /** The domain of the VM's name, ours or not. */
  Optional<DomainState> domain() {
    return hypervisor.find(DOMAIN);
  }

  NodeRecord record() {
    return records.read(vm().uid()) instanceof NodeRecords.Read.Known k
        ? k.record()
        : NodeRecord.first();
  }

  /** {@code STATE/vms/<uid>}. */
  Path directory() {
    return state.resolve("vms").resolve(vm().uid());
  }

  @Override
  public void close() {
    loop.close();
    store.close();
  }

  /** All that the VM needs is there: a plan without disks. */
  private final class Disks implements Preparation.Preparer {
    @Override
    public Preparation prepare(
        StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      MachinePlan plan =
          Plans.tiny(NAME)
              .acpi()
              .plan()
              .withIdentity(
                  new MachineIdentity(vm.namespace(), vm.name(), vm.uid(), DOMAIN, vm.uid(), 0));
      return new Preparation.Ready(
          plan,
          new MachinePlanner().hardware(plan),
          List.of(),
          List.of(),
          "runs on KVM",
          new Preparation.DiskGuard() {
            @Override
            public Optional<String> claim() {
              return Optional.empty();
            }

            @Override
            public List<String> missing(int pid) {
              return notOpened;
            }
          });
    }

    @Override
    public Preparation live(StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      return prepare(vm, spec, status);
    }

    @Override
    public void starting(StoredObject vm) {
      events.add("starting, domain " + (domain().isPresent() ? "there" : "absent"));
      beforeStart.run();
    }

    @Override
    public void adopted(StoredObject vm, VirtualMachineSpec spec, int pid) {}

    @Override
    public void released(StoredObject vm) {
      released.incrementAndGet();
    }

    @Override
    public void deleted(StoredObject vm, VirtualMachineSpec spec) {
      deleted.incrementAndGet();
    }
  }

  private final class Told implements VmEvents {
    @Override
    public void normal(StoredObject vm, String reason, String message) {
      events.add(reason + ": " + message);
    }

    @Override
    public void warning(StoredObject vm, String reason, String message) {
      events.add("warning " + reason + ": " + message);
    }
  }

  private static final class NoMetrics implements VmMetrics {
    @Override
    public void started(Phase phase, Duration took) {}

    @Override
    public void startFailed(String reason) {}

    @Override
    public void guestEnded(String how) {}

    @Override
    public void passBroke(Throwable fault) {
      throw new AssertionError(fault);
    }
  }
}
