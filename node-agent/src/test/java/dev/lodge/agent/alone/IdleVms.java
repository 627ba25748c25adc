package dev.lodge.agent.alone;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.apiserver.EventLog;
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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The reconciler with its own threads over VMs that are off, on a hypervisor in memory. */
final class IdleVms implements AutoCloseable {
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  final InMemoryHypervisor hypervisor = new InMemoryHypervisor();
  final EventLog events = new EventLog(Clock.systemUTC());
  final DirectoryStore store;
  final VmReconciler reconciler;

  IdleVms(Path directory) throws IOException, InterruptedException {
    store =
        DirectoryStore.open(
            DirectoryStoreOptions.of(
                directory.resolve("manifests"),
                directory.resolve("state"),
                (_, _, _) -> List.of()));
    reconciler =
        new VmReconciler(
            new VmReconciler.Surroundings(
                new Host("node", 1, 0, "nonce", true),
                store,
                new NodeRecords(directory.resolve("state/vms"), LodgeJson.mapper()),
                hypervisor,
                new Nothing(),
                new LoggedEvents(events),
                new AgentMetrics(new SimpleMeterRegistry(), _ -> {}),
                Clock.systemUTC()),
            2);
  }

  static ObjectKey key(String name) {
    return new ObjectKey(ResourceKind.VirtualMachine, "default", name);
  }

  void create(String name) throws IOException {
    store.create(
        (ObjectNode)
            LodgeJson.mapper()
                .readTree(
                    """
                    {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
                     "metadata":{"name":"%s","namespace":"default"},
                     "spec":{"powerState":"PoweredOff","cpu":{"count":1},"memory":{"size":"64Mi"}}}
                    """
                        .formatted(name)));
  }

  /** Takes the object away, as its last pass does. */
  void forget(String name) {
    String uid = get(name).uid();
    store.delete(key(name));
    store.finish(key(name), uid);
  }

  StoredObject get(String name) {
    return store.get(key(name)).orElseThrow(() -> new AssertionError("no VM " + name));
  }

  void until(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain");
      }
      LockSupport.parkNanos(500_000);
    }
  }

  @Override
  public void close() {
    reconciler.close();
    store.close();
  }

  /** VMs that are off are not prepared. */
  private static final class Nothing implements Preparation.Preparer {
    @Override
    public Preparation prepare(
        StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      throw new AssertionError("a VM that is off was prepared");
    }

    @Override
    public Preparation live(StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      throw new AssertionError("a VM that is off was changed");
    }

    @Override
    public void adopted(StoredObject vm, VirtualMachineSpec spec, int pid) {}

    @Override
    public void released(StoredObject vm) {}

    @Override
    public void deleted(StoredObject vm, VirtualMachineSpec spec) {}
  }
}
