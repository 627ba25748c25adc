package dev.lodge.domain.ownership;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.OnNodeLoss;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as a vector of numbers: what the API server has, what the nodes have on their disks,
 * which QEMUs run, and what every process remembers. What processes decide and do is the product's
 * own code; this is only the world that they act on.
 */
final class Model {
  /** What QEMU does for a VM on a node. */
  static final int NONE = 0;

  static final int RUNS = 1;

  /** Memory is arriving. */
  static final int INCOMING = 2;

  /** Memory has arrived; paused. */
  static final int LANDED = 3;

  /** The source after its memory left, before it is told what came of it; paused. */
  static final int SENT = 4;

  /** A job whose process is dead. */
  static final int ORPHAN = 1000;

  /** An agent process. */
  record Process(int vm, int node, int number, int at, String name) {}

  /** A second leader on its way. */
  sealed interface Leader {
    /** It has read all but the record. */
    record Looked(int vm, AssignmentFacts facts) implements Leader {}

    /** It is about to act. */
    record Acts(int vm, AssignmentAction action) implements Leader {}

    /** It has read a VmHost, not yet the Node. */
    record SawHost(HostFacts host) implements Leader {}

    /** It is about to fence. */
    record Fences(FencingAction action) implements Leader {}
  }

  /** A write whose sender was told nothing and which the API server may yet apply. */
  record Late(int vm, OwnershipRecord expected, OwnershipRecord next) {}

  final Bounds bounds;
  final Interner<OwnershipRecord> records = new Interner<>();
  final Interner<Slot> slots = new Interner<>();
  final Interner<NodeEntry> entries = new Interner<>();
  final Interner<Ownership.State> states = new Interner<>();
  final Interner<DiskClaim> claims = new Interner<>();
  final Interner<Leader> leaders = new Interner<>();
  final Interner<Late> lates = new Interner<>();
  final List<Process> processes = new ArrayList<>();

  /** Set by a move that broke an invariant which no state shows. */
  @Nullable String broken;

  private final int perNode;
  private final int perPlace;
  private final int length;

  Model(Bounds bounds) {
    this.bounds = bounds;
    int vms = bounds.vms();
    perNode = 4 * vms;
    perPlace = perNode + 7 * bounds.nodes();
    int at = perPlace + 6 * vms * bounds.nodes();
    for (int v = 0; v < vms; v++) {
      for (int n = 0; n < bounds.nodes(); n++) {
        for (int k = 0; k < bounds.processes[v][n]; k++) {
          String name = "vm" + v + "@" + node(n) + (k == 0 ? "" : "'");
          processes.add(new Process(v, n, k, at++, name));
        }
      }
    }
    length = at + 3;
  }

  static String node(int n) {
    return n == 0 ? "a" : n == 1 ? "b" : "c";
  }

  int nodeOf(@Nullable String name) {
    for (int n = 0; n < bounds.nodes(); n++) {
      if (node(n).equals(name)) {
        return n;
      }
    }
    throw new IllegalArgumentException("no node " + name);
  }

  static String uid(int vm) {
    return "uid-" + vm;
  }

  // ---- where things are

  int recordAt(int vm) {
    return vm;
  }

  int slotAt(int vm) {
    return bounds.vms() + vm;
  }

  /** Whether the VM's spec names the disk. */
  int namesDiskAt(int vm) {
    return 2 * bounds.vms() + vm;
  }

  int editsAt(int vm) {
    return 3 * bounds.vms() + vm;
  }

  int upAt(int node) {
    return perNode + 7 * node;
  }

  int bootAt(int node) {
    return perNode + 7 * node + 1;
  }

  int registeredAt(int node) {
    return perNode + 7 * node + 2;
  }

  int fencedAt(int node) {
    return perNode + 7 * node + 3;
  }

  int taintAt(int node) {
    return perNode + 7 * node + 4;
  }

  int taintSeenAt(int node) {
    return perNode + 7 * node + 5;
  }

  int taintedAtBootAt(int node) {
    return perNode + 7 * node + 6;
  }

  private int place(int vm, int node) {
    return perPlace + 6 * (vm * bounds.nodes() + node);
  }

  int entryAt(int vm, int node) {
    return place(vm, node);
  }

  int qemuAt(int vm, int node) {
    return place(vm, node) + 1;
  }

  int qemuEpochAt(int vm, int node) {
    return place(vm, node) + 2;
  }

  /** Whether the memory of a landed copy is that of the guest as it was last. */
  int freshAt(int vm, int node) {
    return place(vm, node) + 3;
  }

  /** Whether this QEMU has the disk open that others can name. */
  int opensDiskAt(int vm, int node) {
    return place(vm, node) + 4;
  }

  /** The migration job that leaves here: 1 + number of the process that began it. */
  int jobAt(int vm, int node) {
    return place(vm, node) + 5;
  }

  int claimAt() {
    return length - 3;
  }

  int leaderAt() {
    return length - 2;
  }

  int lateAt() {
    return length - 1;
  }

  // ---- what is there

  int[] initial() {
    int[] w = new int[length];
    for (int v = 0; v < bounds.vms(); v++) {
      w[recordAt(v)] = records.of(OwnershipRecord.NONE);
      w[namesDiskAt(v)] = bounds.disk ? 1 : 0;
      for (int n = 0; n < bounds.nodes(); n++) {
        w[entryAt(v, n)] = entries.of(new NodeEntry.Missing());
      }
    }
    for (int n = 0; n < bounds.nodes(); n++) {
      w[upAt(n)] = 1;
      w[bootAt(n)] = 1;
      w[registeredAt(n)] = 1;
    }
    for (Process p : processes) {
      w[p.at()] = states.of(fresh(w, p));
    }
    return w;
  }

  Ownership.State fresh(int[] w, Process p) {
    return Ownership.State.fresh(
        new Host(
            node(p.node()),
            w[registeredAt(p.node())],
            w[fencedAt(p.node())],
            "nonce-" + p.number(),
            false,
            bounds.has(Bounds.Fault.MIGRATION)));
  }

  OwnershipRecord record(int[] w, int vm) {
    return records.get(w[recordAt(vm)]);
  }

  /** As the API server takes a write that expects the present version; CEL rules hold for all. */
  void setRecord(int[] w, int vm, OwnershipRecord next) {
    OwnershipRecord now = record(w, vm);
    boolean sameNode = now.nodeName() == null || now.nodeName().equals(next.nodeName());
    if (next.epoch() < now.epoch() || !sameNode && next.epoch() != now.epoch() + 1) {
      broken = "E: the epoch goes from " + now + " to " + next;
    }
    w[recordAt(vm)] = records.of(next);
  }

  NodeEntry entry(int[] w, int vm, int node) {
    return entries.get(w[entryAt(vm, node)]);
  }

  String disks(int[] w, int vm) {
    return w[namesDiskAt(vm)] == 1 ? "D" : "";
  }

  HostFacts host(int[] w, int n, boolean withTaint) {
    return new HostFacts(
        node(n),
        w[registeredAt(n)],
        w[fencedAt(n)],
        false,
        withTaint && w[taintAt(n)] == 1 ? HostFacts.Taint.THEIRS : HostFacts.Taint.NONE,
        w[taintSeenAt(n)] == 1,
        w[taintedAtBootAt(n)] == 1);
  }

  AssignmentFacts facts(int[] w, int vm, AssignmentFacts.Wish wish) {
    List<DiskLock> locks =
        w[namesDiskAt(vm)] == 1 ? List.of(DiskLock.ofClaim("d", false, "x")) : List.of();
    DiskClaim claim = claims.at(w[claimAt()]);
    Slot slot = slots.at(w[slotAt(vm)]);
    List<HostFacts> hosts = new ArrayList<>();
    for (int n = 0; n < bounds.nodes(); n++) {
      hosts.add(host(w, n, false));
    }
    return new AssignmentFacts(
        "ns/vm" + vm,
        uid(vm),
        record(w, vm),
        wish,
        OnNodeLoss.Fenced,
        null,
        null,
        disks(w, vm),
        locks,
        claim == null ? List.of() : List.of(claim),
        slot == null ? List.of() : List.of(slot),
        false,
        hosts);
  }

  /** A guest runs: copies of its memory elsewhere are stale from now on. */
  void runs(int[] w, int vm, int node, long epoch, boolean disk) {
    w[qemuAt(vm, node)] = RUNS;
    w[qemuEpochAt(vm, node)] = (int) epoch;
    w[opensDiskAt(vm, node)] = disk ? 1 : 0;
    w[freshAt(vm, node)] = 0;
    for (int n = 0; n < bounds.nodes(); n++) {
      w[freshAt(vm, n)] = 0;
    }
  }

  /** No QEMU is there any more. */
  void gone(int[] w, int vm, int node) {
    w[qemuAt(vm, node)] = NONE;
    w[qemuEpochAt(vm, node)] = 0;
    w[freshAt(vm, node)] = 0;
    w[opensDiskAt(vm, node)] = 0;
  }

  /** What no state may show; null: all is well. */
  @Nullable String violation(int[] w) {
    int writers = 0;
    for (int v = 0; v < bounds.vms(); v++) {
      int running = 0;
      for (int n = 0; n < bounds.nodes(); n++) {
        if (w[qemuAt(v, n)] == RUNS) {
          running++;
          writers += w[opensDiskAt(v, n)];
        }
      }
      if (running > 1) {
        return "W: vm" + v + " runs twice";
      }
    }
    return writers > 1 ? "W: the disk has two writers" : null;
  }

  /** The node where this VM's memory is arriving or has arrived; -1: none. */
  int target(int[] w, int vm) {
    for (int n = 0; n < bounds.nodes(); n++) {
      int kind = w[qemuAt(vm, n)];
      if (kind == INCOMING || kind == LANDED) {
        return n;
      }
    }
    return -1;
  }

  /** Its memory leaves whole; the source waits, paused. */
  void switchOver(int[] w, int vm, int from, int to) {
    w[qemuAt(vm, from)] = SENT;
    w[qemuAt(vm, to)] = LANDED;
    w[freshAt(vm, to)] = 1;
  }

  /** How many guests run. */
  int running(int[] w, int vm) {
    int running = 0;
    for (int n = 0; n < bounds.nodes(); n++) {
      running += w[qemuAt(vm, n)] == RUNS ? 1 : 0;
    }
    return running;
  }
}
