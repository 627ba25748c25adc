package dev.lodge.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.source.DirectoryStore;
import dev.lodge.agent.source.DirectoryStoreOptions;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.MachineIdentity;
import dev.lodge.domain.ownership.Host;
import dev.lodge.manifest.LodgeJson;
import dev.lodge.testkit.hypervisor.HypervisorCall;
import dev.lodge.testkit.hypervisor.InMemoryHypervisor;
import dev.lodge.testkit.plan.Plans;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Passes over one VM, with a hypervisor in memory and everything durable on a disk. */
class VmPassTest {
  private static final ObjectKey KEY = new ObjectKey(ResourceKind.VirtualMachine, "default", "a");
  private static final String DOMAIN = DomainNames.domain("default", "a");

  @TempDir private Path directory;
  private final InMemoryHypervisor hypervisor = new InMemoryHypervisor();
  private final List<String> events = new ArrayList<>();
  private DirectoryStore store;
  private NodeRecords records;
  private VmRuntime runtime;
  private WorkLoop<ObjectKey> loop;

  @BeforeEach
  void a_vm_that_runs() throws Exception {
    store =
        DirectoryStore.open(
            DirectoryStoreOptions.of(
                    directory.resolve("manifests"),
                    directory.resolve("state"),
                    (key, candidate, existing) -> List.of())
                .withFinalized(List.of(ResourceKind.VirtualMachine)));
    records = new NodeRecords(directory.resolve("state/vms"), LodgeJson.mapper());
    loop = new WorkLoop<>("test", 1, _ -> {}, _ -> {});
    store.create(manifest("PoweredOn"));
    agentBegins();
    pass();
    assertThat(hypervisor.find(DOMAIN)).isPresent();
  }

  @AfterEach
  void close() {
    loop.close();
    store.close();
  }

  @Test
  void a_guest_that_ended_while_it_was_powered_off_stays_released() {
    // Given a guest that ended, and a wish for power off that came, while no agent was there
    hypervisor.guests().killQemu(DOMAIN);
    store.replace(manifest("PoweredOff"), 0);
    agentBegins();
    // When the agent looks at it, more than once
    pass();
    pass();
    // Then the epoch is over for good, and its end is told once
    assertThat(record().releasedThrough()).isEqualTo(1);
    assertThat(events).filteredOn(e -> e.startsWith("GuestEnded")).hasSize(1);
    // And whoever switches it on gets a guest, whatever restartPolicy says of the old one
    store.replace(manifest("PoweredOn"), 0);
    pass();
    assertThat(hypervisor.find(DOMAIN)).isPresent();
  }

  @Test
  void a_guest_with_a_power_button_is_asked_though_its_next_start_has_none() {
    ObjectNode without = manifest("PoweredOff");
    without
        .withObjectProperty("spec")
        .putObject("machine")
        .putObject("features")
        .put("acpi", "Disabled");
    store.replace(without, 0);

    pass();

    assertThat(hypervisor.calls())
        .contains(HypervisorCall.SHUTDOWN)
        .doesNotContain(HypervisorCall.DESTROY);
    assertThat(hypervisor.find(DOMAIN)).isPresent();
  }

  @Test
  void a_guest_of_another_agent_is_not_called_a_lost_one_and_is_let_be() {
    DomainState ours = hypervisor.find(DOMAIN).orElseThrow();
    hypervisor.destroy(ours.id());
    MachineIdentity others =
        new MachineIdentity("default", "a", "other-uid", DOMAIN, ours.id().uuid(), 7);
    hypervisor.start(Plans.tiny("a").plan().withIdentity(others));
    agentBegins();

    pass();

    assertThat(store.get(KEY).orElseThrow().status().toString())
        .contains("ForeignDomain", "UID other-uid", "of another agent on this host");
    assertThat(hypervisor.find(DOMAIN).orElseThrow().owner().uid()).isEqualTo("other-uid");
  }

  private void agentBegins() {
    runtime =
        new VmRuntime(store.get(KEY).orElseThrow().uid(), new Host("node", 1, 0, "nonce", true));
  }

  private void pass() {
    var world =
        new VmReconciler.Surroundings(
            new Host("node", 1, 0, "nonce", true),
            store,
            records,
            hypervisor,
            new TinyPreparer(),
            new Heard(),
            new Uncounted(),
            hypervisor.clock());
    new VmPass(world, store.get(KEY).orElseThrow(), runtime, loop).run();
  }

  private NodeRecord record() {
    return records.read(runtime.uid) instanceof NodeRecords.Read.Known k
        ? k.record()
        : NodeRecord.first();
  }

  private static ObjectNode manifest(String powerState) {
    try {
      return (ObjectNode)
          LodgeJson.mapper()
              .readTree(
                  """
                  {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
                   "metadata":{"name":"a","namespace":"default"},
                   "spec":{"powerState":"%s","restartPolicy":"Never",
                           "cpu":{"count":1},"memory":{"size":"2Mi"}}}
                  """
                      .formatted(powerState));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The tiny guest is always ready. */
  private static final class TinyPreparer implements Preparation.Preparer, Preparation.DiskGuard {
    @Override
    public Preparation prepare(
        StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      return new Preparation.Ready(
          Plans.tiny("a")
              .acpi()
              .plan()
              .withIdentity(
                  new MachineIdentity(vm.namespace(), vm.name(), vm.uid(), DOMAIN, vm.uid(), 0)),
          new VirtualMachineStatus.Hardware(null, null, null, null),
          List.of(),
          List.of(),
          "runs on KVM",
          this);
    }

    @Override
    public Preparation live(StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      return prepare(vm, spec, status);
    }

    @Override
    public void adopted(StoredObject vm, VirtualMachineSpec spec, int pid) {}

    @Override
    public void released(StoredObject vm) {}

    @Override
    public void deleted(StoredObject vm, VirtualMachineSpec spec) {}

    @Override
    public Optional<String> claim() {
      return Optional.empty();
    }

    @Override
    public List<String> missing(int pid) {
      return List.of();
    }
  }

  private final class Heard implements VmEvents {
    @Override
    public void normal(StoredObject vm, String reason, String message) {
      events.add(reason + ": " + message);
    }

    @Override
    public void warning(StoredObject vm, String reason, String message) {
      events.add(reason + ": " + message);
    }
  }

  private static final class Uncounted implements VmMetrics {
    @Override
    public void started(Phase phase, Duration took) {}

    @Override
    public void startFailed(String reason) {}

    @Override
    public void guestEnded(String how) {}

    @Override
    public void passBroke(Throwable fault) {}
  }
}
