package dev.lodge.domain.ownership;

import dev.lodge.domain.ownership.AssignmentFacts.Wish;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One of two processes that both take themselves for the leader: it decides on caches that follow
 * the API server late, each kind by itself, and acts some time after it has decided.
 */
final class SimulatedLeader {
  private final Simulation world;
  private final SplittableRandom random;
  private final List<OwnershipRecord> records = new ArrayList<>();
  private final List<List<Slot>> slots = new ArrayList<>();
  private final List<Boolean> leaving = new ArrayList<>();
  private List<DiskClaim> claims = List.of();
  private List<HostFacts> hosts = List.of();
  private @Nullable AssignmentAction pending;
  private int pendingVm;
  private @Nullable HostFacts sawHost;

  SimulatedLeader(Simulation world, SplittableRandom random) {
    this.world = world;
    this.random = random;
    for (int v = 0; v < world.vms(); v++) {
      records.add(OwnershipRecord.NONE);
      slots.add(List.of());
      leaving.add(false);
    }
    catchUp(true);
  }

  /** Watches deliver, one kind or all. */
  void catchUp(boolean all) {
    for (int v = 0; v < records.size(); v++) {
      if (all || random.nextInt(3) == 0) {
        records.set(v, world.record(v));
        leaving.set(v, world.leavingTold(v));
      }
      if (all || random.nextInt(3) == 0) {
        slots.set(v, List.copyOf(world.slots(v)));
      }
    }
    if (all || random.nextInt(3) == 0) {
      claims = world.claims();
    }
    if (all || random.nextInt(3) == 0) {
      hosts = world.hosts(false);
    }
  }

  boolean busy() {
    return pending != null || sawHost != null;
  }

  void forget() {
    pending = null;
    sawHost = null;
  }

  /** Decides on the caches; null: nothing to do for this VM. */
  @Nullable String decide(int vm, Wish wish) {
    pending =
        new AssignmentPass(
                world.rules(),
                new AssignmentFacts(
                    "ns/vm" + vm,
                    Model.uid(vm),
                    records.get(vm),
                    wish,
                    world.onNodeLoss(vm),
                    null,
                    null,
                    world.disks(vm),
                    world.locks(vm),
                    claims,
                    slots.get(vm),
                    leaving.get(vm),
                    hosts))
            .decide()
            .action();
    pendingVm = vm;
    return pending == null ? null : pending.toString();
  }

  /** Acts as it has decided; the API server says whether it still fits. */
  String act() {
    AssignmentAction a = pending;
    pending = null;
    return a == null ? "nothing" : a + (world.act(pendingVm, a) ? "" : " in vain");
  }

  /** One step on with fencing: the VmHost, then the Node, then the write. */
  String fence(int node) {
    HostFacts seen = sawHost;
    if (seen == null) {
      sawHost = world.hosts(false).get(node);
      return "reads a VmHost";
    }
    sawHost = null;
    return "fencing: " + world.fence(seen);
  }
}
