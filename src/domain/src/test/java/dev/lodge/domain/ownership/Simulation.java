package dev.lodge.domain.ownership;

import static dev.lodge.domain.ownership.Model.INCOMING;
import static dev.lodge.domain.ownership.Model.NONE;
import static dev.lodge.domain.ownership.Model.RUNS;
import static dev.lodge.domain.ownership.Model.SENT;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.OnNodeLoss;
import dev.lodge.domain.ownership.AssignmentFacts.Wish;
import dev.lodge.domain.ownership.Bounds.Fault;
import dev.lodge.domain.ownership.OwnershipEvent.MigrationOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A cluster that lives by chance, told by one seed: three machines, three VMs of which two or three
 * name one disk, two agent processes on the first machine, two leaders. The decisions are the
 * product's. Processes stop and wake (SIGSTOP), are killed, machines lose power, writes fail in
 * each way, watches lag, slots are drained and lost, guests die and migrate, people set taints and
 * edit specs. Clocks need not be wrong here: nothing that decides has one.
 */
final class Simulation {
  private static final int TOLD = 60;

  private final Model model;
  private final SplittableRandom random;
  private final AgentRun agents;
  private final LeaderRun hosts;
  private final SimulatedPods pods;
  private final long[] leavingEpoch;
  private final boolean[] wanted;
  private final int[] frozen;
  private final List<SimulatedLeader> leaders = new ArrayList<>();
  private final ArrayDeque<String> story = new ArrayDeque<>();
  private int[] w;

  Simulation(long seed) {
    this(seed, Rules.ALL);
  }

  Simulation(long seed, Rules rules) {
    random = new SplittableRandom(seed);
    var bounds =
        new Bounds()
            .processes(new int[] {2, 1, 1}, new int[] {1, 1, 1}, new int[] {1, 1, 1})
            .disk()
            .with(
                Fault.MIGRATION,
                Fault.AGENT_KILLED,
                Fault.REPLY_LOST,
                Fault.LATE_WRITE,
                Fault.NO_ANSWER,
                Fault.HYPERVISOR_FAILS);
    bounds.rules = rules;
    if (random.nextBoolean()) {
      bounds.lazyReads();
    }
    model = new Model(bounds);
    w = model.initial();
    w[model.namesDiskAt(2)] = 0;
    var choices = new RandomChoices(random, random.nextInt(40));
    agents = new AgentRun(model, choices);
    hosts = new LeaderRun(model, choices);
    leavingEpoch = new long[vms()];
    pods = new SimulatedPods(random, vms(), nodes());
    wanted = new boolean[vms()];
    frozen = new int[model.processes.size() + 2];
    for (int v = 0; v < vms(); v++) {
      wanted[v] = true;
    }
    leaders.add(new SimulatedLeader(this, random));
    leaders.add(new SimulatedLeader(this, random));
  }

  int vms() {
    return model.bounds.vms();
  }

  private int nodes() {
    return model.bounds.nodes();
  }

  OwnershipRecord record(int vm) {
    return model.record(w, vm);
  }

  Rules rules() {
    return model.bounds.rules;
  }

  List<Slot> slots(int vm) {
    return pods.of(vm);
  }

  boolean leavingTold(int vm) {
    return leavingEpoch[vm] > 0 && leavingEpoch[vm] == record(vm).epoch();
  }

  List<DiskClaim> claims() {
    DiskClaim claim = model.claims.at(w[model.claimAt()]);
    return claim == null ? List.of() : List.of(claim);
  }

  List<HostFacts> hosts(boolean withTaint) {
    List<HostFacts> all = new ArrayList<>();
    for (int n = 0; n < nodes(); n++) {
      all.add(model.host(w, n, withTaint));
    }
    return all;
  }

  OnNodeLoss onNodeLoss(int vm) {
    return vm == 1 ? OnNodeLoss.Stay : OnNodeLoss.Fenced;
  }

  String disks(int vm) {
    return model.disks(w, vm);
  }

  List<DiskLock> locks(int vm) {
    return disks(vm).isEmpty() ? List.of() : List.of(DiskLock.ofClaim("d", false, "x"));
  }

  /** The API server, and what makes and ends pods. */
  boolean act(int vm, AssignmentAction action) {
    return switch (action) {
      case AssignmentAction.CreateSlot c -> pods.create(vm, c);
      case AssignmentAction.DeleteSlot d -> pods.delete(vm, d);
      case AssignmentAction.TellLeaving t -> {
        boolean fits = record(vm).equals(t.expected());
        leavingEpoch[vm] = fits ? t.expected().epoch() : leavingEpoch[vm];
        yield fits;
      }
      default -> hosts.act(w, vm, action);
    };
  }

  String fence(HostFacts seen) {
    int n = model.nodeOf(seen.name());
    return hosts.fence(w, seen, n);
  }

  // ---- one run

  /** Lives for so many moments, then heals. Null: all was well; else what broke, and the story. */
  @Nullable String run(int moments) {
    for (int i = 0; i < moments; i++) {
      String what = moment();
      if (!what.isEmpty()) {
        tell(what);
      }
      String broken = broken();
      if (broken != null) {
        return broken + "\n" + String.join("\n", story);
      }
    }
    boolean run = random.nextBoolean();
    String failure = heal(run);
    return failure == null
        ? null
        : "healed, wish to run " + run + ": " + failure + "\n" + String.join("\n", story);
  }

  /** What happens last in so many moments. */
  List<String> trace(int moments) {
    for (int i = 0; i < moments; i++) {
      String what = moment();
      if (!what.isEmpty()) {
        tell(what);
      }
    }
    return List.copyOf(story);
  }

  private void tell(String what) {
    story.add(what);
    if (story.size() > TOLD) {
      story.remove();
    }
  }

  private @Nullable String broken() {
    String broken = model.broken != null ? model.broken : model.violation(w);
    model.broken = null;
    return broken;
  }

  private String moment() {
    int dice = random.nextInt(100);
    if (dice < 55) {
      int p = random.nextInt(model.processes.size());
      return awake(p) ? agent(model.processes.get(p)) : "";
    }
    if (dice < 80) {
      int l = random.nextInt(2);
      return awake(model.processes.size() + l) ? "leader " + l + " " + leader(leaders.get(l)) : "";
    }
    return fault(random.nextInt(24));
  }

  private boolean awake(int process) {
    if (frozen[process] > 0) {
      frozen[process]--;
      return false;
    }
    return true;
  }

  private String agent(Model.Process p) {
    if (w[p.at()] == 0) {
      boolean can =
          w[model.upAt(p.node())] == 1
              && w[model.registeredAt(p.node())] == w[model.bootAt(p.node())];
      w[p.at()] = can ? agents.fresh(w, p) : 0;
      return can ? p.name() + " starts" : "";
    }
    Ownership.State s = model.states.get(w[p.at()]);
    if (s.pending() != null) {
      if (w[model.jobAt(p.vm(), p.node())] == 1 + p.at()) {
        return "";
      }
      agents.perform(w, p);
      return p.name() + " " + s.pending() + " " + agents.said();
    }
    agents.feed(w, p, event(p));
    return "";
  }

  private OwnershipEvent event(Model.Process p) {
    return switch (random.nextInt(5)) {
      case 0 -> new OwnershipEvent.RecordChanged();
      case 1 -> new OwnershipEvent.DomainChanged();
      case 2 -> new OwnershipEvent.HostChanged(w[model.fencedAt(p.node())]);
      default ->
          new OwnershipEvent.WishChanged(
              wanted[p.vm()] && !leavingTold(p.vm()) ? Ownership.Wish.RUN : Ownership.Wish.STOP,
              disks(p.vm()));
    };
  }

  private String leader(SimulatedLeader l) {
    if (random.nextInt(3) == 0) {
      l.catchUp(false);
    }
    if (l.busy()) {
      return l.act();
    }
    if (random.nextInt(8) == 0) {
      int n = random.nextInt(nodes());
      return l.fence(n) + ", " + l.fence(n);
    }
    int v = random.nextInt(vms());
    String decided = l.decide(v, wanted[v] ? Wish.RUN : Wish.STOP);
    return decided == null ? "sees nothing to do" : "decides on vm" + v + ": " + decided;
  }

  private String fault(int which) {
    int v = random.nextInt(vms());
    int n = random.nextInt(nodes());
    return switch (which) {
      case 0 -> power(n);
      case 1 -> kill();
      case 2 -> guestDies(v, n);
      case 3 -> {
        wanted[v] = !wanted[v];
        yield "user wants vm" + v + (wanted[v] ? " to run" : " stopped");
      }
      case 4 -> taint(n);
      case 5 -> pods.drainOrLose(v);
      case 6 -> edit(v);
      case 7, 8 -> askForMigration(v, n);
      case 9 -> {
        frozen[random.nextInt(frozen.length)] = 5 + random.nextInt(40);
        yield "SIGSTOP";
      }
      case 10 -> late();
      case 11, 12, 13 -> {
        hosts.register(w, n);
        yield "";
      }
      case 14, 15, 16, 17 -> {
        pods.goOn(v, record(v));
        yield "";
      }
      case 18 -> w[model.upAt(n)] == 0 ? power(n) : "";
      default -> job(v, n);
    };
  }

  private String power(int n) {
    if (w[model.upAt(n)] == 1) {
      new Moves(model).powerOff(w, n);
      return Model.node(n) + " loses power";
    }
    w[model.upAt(n)] = 1;
    w[model.bootAt(n)]++;
    return Model.node(n) + " boots";
  }

  private String kill() {
    Model.Process p = model.processes.get(random.nextInt(model.processes.size()));
    if (w[p.at()] == 0) {
      return "";
    }
    agents.kill(w, p);
    return p.name() + " is killed and starts";
  }

  private String guestDies(int v, int n) {
    int kind = w[model.qemuAt(v, n)];
    if (kind == NONE || kind == SENT) {
      return "";
    }
    model.gone(w, v, n);
    agents.jobEnds(w, v, n, MigrationOutcome.NOT_MOVED);
    return "QEMU of vm" + v + "@" + Model.node(n) + " dies";
  }

  private String taint(int n) {
    if (w[model.taintAt(n)] == 0 && w[model.upAt(n)] == 1) {
      return "";
    }
    w[model.taintAt(n)] = 1 - w[model.taintAt(n)];
    return Model.node(n) + (w[model.taintAt(n)] == 1 ? " gets" : " loses") + " the taint";
  }

  private String edit(int v) {
    w[model.namesDiskAt(v)] = 1 - w[model.namesDiskAt(v)];
    return "edit: vm" + v + (disks(v).isEmpty() ? " drops" : " names") + " the disk";
  }

  private String askForMigration(int v, int n) {
    OwnershipRecord r = record(v);
    if (!r.held() || r.migration() != null || Model.node(n).equals(r.nodeName())) {
      return "";
    }
    model.setRecord(w, v, r.migrating(OwnershipRecord.Migration.to(Model.node(n))));
    return "migration of vm" + v + " to " + Model.node(n) + " is asked for";
  }

  private String late() {
    Model.Late late = model.lates.at(w[model.lateAt()]);
    w[model.lateAt()] = 0;
    if (late == null || !record(late.vm()).equals(late.expected())) {
      return "";
    }
    model.setRecord(w, late.vm(), late.next());
    return "a late write arrives";
  }

  private String job(int v, int n) {
    if (w[model.jobAt(v, n)] == 0) {
      return "";
    }
    int target = model.target(w, v);
    int kind = w[model.qemuAt(v, n)];
    String where = "vm" + v + "@" + Model.node(n);
    if (kind == RUNS && target >= 0 && w[model.qemuAt(v, target)] == INCOMING) {
      model.switchOver(w, v, n, target);
      return "switch-over from " + where;
    }
    boolean moved = kind == SENT && random.nextInt(3) > 0;
    if (moved) {
      model.gone(w, v, n);
    } else if (kind == SENT) {
      model.runs(w, v, n, w[model.qemuEpochAt(v, n)], w[model.opensDiskAt(v, n)] == 1);
    }
    agents.jobEnds(w, v, n, moved ? MigrationOutcome.MOVED : MigrationOutcome.NOT_MOVED);
    return "migration from " + where + (moved ? " succeeds" : " fails");
  }

  // ---- the faults are over

  private @Nullable String heal(boolean run) {
    pods.endAllGraces();
    for (int v = 0; v < vms(); v++) {
      wanted[v] = run;
    }
    w[model.namesDiskAt(0)] = 1;
    w[model.namesDiskAt(1)] = 1;
    w[model.namesDiskAt(2)] = 0;
    for (int round = 0; round < 60; round++) {
      int[] before = w.clone();
      List<List<Slot>> slotsBefore = pods.all();
      healRound();
      String broken = broken();
      if (broken != null) {
        return broken;
      }
      boolean still = Arrays.equals(before, w) && slotsBefore.equals(pods.all());
      if (still) {
        return run ? notRunning() : notStopped();
      }
    }
    return "no rest";
  }

  private void healRound() {
    var convergence = new Convergence(model);
    convergence.machines(w);
    for (int v = 0; v < vms(); v++) {
      pods.goOn(v, record(v));
      for (SimulatedLeader l : leaders) {
        l.forget();
        for (int i = 0; i < 20; i++) {
          l.catchUp(true);
          if (l.decide(v, wanted[v] ? Wish.RUN : Wish.STOP) == null) {
            break;
          }
          tell("healing, vm" + v + ": " + l.act());
          pods.goOn(v, record(v));
        }
      }
    }
    for (Model.Process p : model.processes) {
      convergence.agent(w, p, wanted[p.vm()] && !leavingTold(p.vm()));
    }
  }

  /** Each runs, with a slot, or waits for a disk that another one holds which runs. */
  private @Nullable String notRunning() {
    boolean[] runs = new boolean[vms()];
    for (int v = 0; v < vms(); v++) {
      OwnershipRecord r = record(v);
      String node = r.nodeName();
      runs[v] = r.held() && w[model.qemuAt(v, model.nodeOf(node))] == RUNS;
      boolean slotted =
          slots(v).stream().anyMatch(s -> s.epoch() == r.epoch() && Objects.equals(node, s.node()));
      if (runs[v] && !slotted) {
        return "vm" + v + " runs without a slot: " + slots(v);
      }
    }
    DiskClaim claim = model.claims.at(w[model.claimAt()]);
    for (int v = 0; v < vms(); v++) {
      boolean waits = false;
      for (int other = 0; other < vms(); other++) {
        waits |=
            other != v
                && runs[other]
                && !disks(v).isEmpty()
                && claim != null
                && claim.of(Model.uid(other)) != null;
      }
      if (!runs[v] && !waits) {
        return "vm" + v + " does not run: " + record(v) + " " + slots(v) + " " + claim;
      }
    }
    return null;
  }

  private @Nullable String notStopped() {
    for (int v = 0; v < vms(); v++) {
      if (model.running(w, v) > 0 || record(v).held() || !slots(v).isEmpty()) {
        return "vm" + v + " is not stopped: " + record(v) + " " + slots(v);
      }
    }
    return w[model.claimAt()] == 0 ? null : "a claim is left: " + claims();
  }
}
