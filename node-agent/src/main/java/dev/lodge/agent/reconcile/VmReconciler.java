package dev.lodge.agent.reconcile;

import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.agent.store.UnreachableException;
import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.ownership.Host;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** Brings each VM of this node to what is wished of it; one pass at a time for each. */
public final class VmReconciler implements AutoCloseable {
  private static final Duration STORE_RETRY = Duration.ofSeconds(5);

  /** All that a pass needs of the world. */
  public record Surroundings(
      Host host,
      NodeStore store,
      NodeRecords records,
      Hypervisor hypervisor,
      Preparation.Preparer preparer,
      VmEvents events,
      VmMetrics metrics,
      Clock clock,
      ClaimGuard guard,
      SlotEnder slots) {

    /** Of an agent alone. */
    public Surroundings(
        Host host,
        NodeStore store,
        NodeRecords records,
        Hypervisor hypervisor,
        Preparation.Preparer preparer,
        VmEvents events,
        VmMetrics metrics,
        Clock clock) {
      this(
          host,
          store,
          records,
          hypervisor,
          preparer,
          events,
          metrics,
          clock,
          ClaimGuard.ALONE,
          SlotEnder.ALONE);
    }
  }

  private final Surroundings world;
  private final WorkLoop<ObjectKey> loop;

  /** Told by one thread. */
  private volatile long fencedThrough;

  private final ConcurrentMap<ObjectKey, VmRuntime> runtimes = new ConcurrentHashMap<>();

  /** VMs that no pass has seen since {@link #lookAtAll}. */
  private final Set<ObjectKey> unseen = ConcurrentHashMap.newKeySet();

  /**
   * @param threads passes at the same time; a start is mostly libvirt's and QEMU's CPU time
   */
  public VmReconciler(Surroundings world, int threads) {
    this.world = world;
    this.loop = new WorkLoop<>("vm", threads, this::pass, world.metrics()::passBroke);
  }

  /** Something about this VM changed. */
  public void wake(ObjectKey key) {
    loop.wake(key);
  }

  /** The hypervisor says that a domain changed or ended; a hint only. */
  public void domainChanged(DomainId id, @Nullable How ended) {
    ObjectKey key = VmKeys.ofDomain(id.name(), world.store());
    if (key == null) {
      return;
    }
    VmRuntime vm = runtimes.get(key);
    if (vm != null) {
      vm.hint(ended);
    }
    loop.wake(key);
  }

  /** A connection stands (again): everything is looked at anew. */
  public void lookAtAll() {
    for (StoredObject vm : world.store().list(dev.lodge.api.ResourceKind.VirtualMachine).items()) {
      VmRuntime known = runtimes.get(vm.key());
      if (known != null) {
        known.hint(null);
      }
      unseen.add(vm.key());
      loop.wake(vm.key());
    }
  }

  /** VMs that no pass has seen yet since {@link #lookAtAll} was called last. */
  public List<ObjectKey> unseen() {
    return List.copyOf(unseen);
  }

  /** Whether a guest of this VM runs here, rightfully, as the last pass saw it. */
  public boolean runs(ObjectKey key) {
    VmRuntime vm = runtimes.get(key);
    return vm != null && vm.runs();
  }

  /** Whether the last pass saw that no guest of this VM is there; false: nobody has looked yet. */
  public boolean stopped(ObjectKey key) {
    VmRuntime vm = runtimes.get(key);
    return vm != null && vm.stopped();
  }

  /**
   * Boots of this node up to {@code boot} were declared over: if that is this one, nothing is
   * started any more, and what runs has no right to its disks.
   */
  public void fenced(long boot) {
    if (boot > fencedThrough) {
      fencedThrough = boot;
      lookAtAll();
    }
  }

  private void pass(ObjectKey key) {
    switch (world.store().read(key)) {
      case NodeStore.Live.Unreachable _ -> loop.wakeIn(key, STORE_RETRY);
      case NodeStore.Live.Absent _ -> {
        VmRuntime before = runtimes.get(key);
        if (new Leftover(world, key, "", before == null ? "" : before.uid).settle()) {
          runtimes.remove(key);
          unseen.remove(key);
        } else {
          loop.wakeIn(key, STORE_RETRY);
        }
      }
      case NodeStore.Live.Found f -> pass(key, f.object());
    }
  }

  private void pass(ObjectKey key, StoredObject vm) {
    VmRuntime before = runtimes.get(key);
    if ((before == null || !before.uid.equals(vm.uid()))
        && !new Leftover(world, key, vm.uid(), before == null ? "" : before.uid).settle()) {
      loop.wakeIn(key, STORE_RETRY);
      return;
    }
    VmRuntime runtime =
        runtimes.compute(
            key,
            (_, known) ->
                known != null && known.uid.equals(vm.uid())
                    ? known
                    : new VmRuntime(vm.uid(), world.host()));
    runtime.fencedThrough = fencedThrough;
    boolean answered = true;
    try {
      answered = new VmPass(world, vm, runtime, loop).run();
    } catch (UnreachableException e) {
      // Guests run on; nothing is claimed, released or told.
      answered = false;
      loop.wakeIn(key, STORE_RETRY);
    } finally {
      // A pass that broke is told as a fault; it keeps nobody from the other VMs.
      if (answered) {
        unseen.remove(key);
      }
    }
  }

  @Override
  public void close() {
    loop.close();
  }
}
