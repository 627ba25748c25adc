package dev.lodge.agent.alone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.apiserver.EventLog;
import dev.lodge.agent.apiserver.Verbs;
import dev.lodge.agent.apiserver.Verbs.Verb;
import dev.lodge.agent.metrics.AgentMetrics;
import dev.lodge.agent.reconcile.NodeRecords;
import dev.lodge.agent.reconcile.Preparation;
import dev.lodge.agent.reconcile.VmReconciler;
import dev.lodge.agent.source.DirectoryStore;
import dev.lodge.agent.source.DirectoryStoreOptions;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.ownership.Host;
import dev.lodge.manifest.LodgeJson;
import dev.lodge.testkit.hypervisor.InMemoryHypervisor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verbs of an agent whose libvirt is away: what runs is not known. */
class AloneVerbsTest {
  private static final ObjectKey VM = new ObjectKey(ResourceKind.VirtualMachine, "default", "a");

  @TempDir private Path directory;
  private final Clock clock = Clock.systemUTC();
  private DirectoryStore store;
  private VmReconciler vms;
  private AloneVerbs verbs;

  @BeforeEach
  void a_vm_that_should_be_off() throws Exception {
    store =
        DirectoryStore.open(
            DirectoryStoreOptions.of(
                directory.resolve("manifests"),
                directory.resolve("state"),
                (_, _, _) -> List.of()));
    store.create(
        (ObjectNode)
            LodgeJson.mapper()
                .readTree(
                    """
                    {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
                     "metadata":{"name":"a","namespace":"default"},
                     "spec":{"powerState":"PoweredOff","cpu":{"count":1},"memory":{"size":"64Mi"}}}
                    """));
    var hypervisor = new InMemoryHypervisor();
    hypervisor.disconnect("libvirtd is away");
    vms =
        new VmReconciler(
            new VmReconciler.Surroundings(
                new Host("node", 1, 0, "nonce", true),
                store,
                new NodeRecords(directory.resolve("state/vms"), LodgeJson.mapper()),
                hypervisor,
                new Nothing(),
                new LoggedEvents(new EventLog(clock)),
                new AgentMetrics(new SimpleMeterRegistry(), _ -> {}),
                clock),
            1);
    verbs = new AloneVerbs(store, vms, new Operations(store), clock);
  }

  @AfterEach
  void close() {
    vms.close();
    store.close();
  }

  @Test
  void a_stop_is_taken_where_nobody_knows_whether_a_guest_runs() {
    assertThat(ask(Verb.STOP, true)).isInstanceOf(Verbs.Result.Accepted.class);

    assertThat(requests()).contains("\"verb\":\"Stop\"", "\"force\":true");
  }

  @Test
  void a_start_overtakes_a_forced_stop_that_was_not_carried_out() {
    ask(Verb.STOP, true);

    ask(Verb.START, false);

    assertThat(requests()).contains("\"verb\":\"Start\"").doesNotContain("Stop");
  }

  private Verbs.Result ask(Verb verb, boolean force) {
    return verbs.request(VM, verb, force, "tester").toCompletableFuture().join();
  }

  private String requests() {
    return store.get(VM).orElseThrow().status().path("requests").toString();
  }

  /** Is not asked as long as libvirt is away. */
  private static final class Nothing implements Preparation.Preparer {
    @Override
    public Preparation prepare(
        StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      throw new AssertionError("prepared without a hypervisor");
    }

    @Override
    public Preparation live(StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      throw new AssertionError("changed without a hypervisor");
    }

    @Override
    public void adopted(StoredObject vm, VirtualMachineSpec spec, int pid) {}

    @Override
    public void released(StoredObject vm) {}

    @Override
    public void deleted(StoredObject vm, VirtualMachineSpec spec) {}
  }
}
