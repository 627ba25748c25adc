package dev.lodge.domain.ownership;

import static dev.lodge.domain.ownership.Model.INCOMING;
import static dev.lodge.domain.ownership.Model.RUNS;
import static dev.lodge.domain.ownership.Model.SENT;

import dev.lodge.domain.ownership.Ownership.Wish;
import dev.lodge.domain.ownership.OwnershipEvent.MigrationOutcome;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The faults are over: machines are up, calls succeed, everybody is woken again and again. */
final class Convergence {
  private static final int MOST_ROUNDS = 40;
  private static final int MOST_ACTIONS = 60;

  private final Model model;
  private final Choices choices = new Choices();
  private final AgentRun agents;
  private final LeaderRun leaders;

  Convergence(Model model) {
    this.model = model;
    this.agents = new AgentRun(model, choices);
    this.leaders = new LeaderRun(model, choices);
  }

  /**
   * Runs until nothing changes any more.
   *
   * @return why it does not come to rest, or rests in the wrong place; null: as it should be
   */
  @Nullable String failure(int[] w, boolean run) {
    for (int round = 0; round < MOST_ROUNDS; round++) {
      int[] before = w.clone();
      round(w, run);
      String violation = model.broken != null ? model.broken : model.violation(w);
      model.broken = null;
      if (violation != null) {
        return violation;
      }
      if (Arrays.equals(before, w)) {
        return run ? notRunning(w) : notStopped(w);
      }
    }
    return "no rest after " + MOST_ROUNDS + " rounds";
  }

  private void round(int[] w, boolean run) {
    machines(w);
    for (int v = 0; v < model.bounds.vms(); v++) {
      var wish = run ? AssignmentFacts.Wish.RUN : AssignmentFacts.Wish.STOP;
      for (int i = 0; i < MOST_ACTIONS; i++) {
        choices.reset();
        String did = leaders.decideAndAct(w, v, wish);
        if (did == null) {
          break;
        }
      }
    }
    for (Model.Process p : model.processes) {
      agent(w, p, run);
    }
  }

  /** Machines are up and counted, taints are looked after, migrations come to their end. */
  void machines(int[] w) {
    w[model.leaderAt()] = 0;
    w[model.lateAt()] = 0;
    for (int n = 0; n < model.bounds.nodes(); n++) {
      w[model.taintAt(n)] = 0;
      if (w[model.upAt(n)] == 0) {
        w[model.upAt(n)] = 1;
        w[model.bootAt(n)]++;
      }
      leaders.register(w, n);
      while (leaders.fence(w, n)) {
        // until nothing is to be done
      }
    }
    for (int v = 0; v < model.bounds.vms(); v++) {
      for (int n = 0; n < model.bounds.nodes(); n++) {
        jobGoesWell(w, v, n);
      }
    }
  }

  private void jobGoesWell(int[] w, int v, int n) {
    if (w[model.jobAt(v, n)] == 0) {
      return;
    }
    int target = model.target(w, v);
    if (target >= 0 && w[model.qemuAt(v, n)] == RUNS && w[model.qemuAt(v, target)] == INCOMING) {
      model.switchOver(w, v, n, target);
    }
    boolean sent = w[model.qemuAt(v, n)] == SENT;
    if (sent) {
      model.gone(w, v, n);
    }
    agents.jobEnds(w, v, n, sent ? MigrationOutcome.MOVED : MigrationOutcome.NOT_MOVED);
  }

  /** One agent is woken for everything. */
  void agent(int[] w, Model.Process p, boolean run) {
    if (w[p.at()] == 0) {
      w[p.at()] = agents.fresh(w, p);
    }
    work(w, p);
    agents.feed(w, p, new OwnershipEvent.HostChanged(w[model.fencedAt(p.node())]));
    agents.feed(w, p, new OwnershipEvent.RecordChanged());
    agents.feed(w, p, new OwnershipEvent.DomainChanged());
    work(w, p);
    agents.feed(
        w, p, new OwnershipEvent.WishChanged(run ? Wish.RUN : Wish.STOP, model.disks(w, p.vm())));
    work(w, p);
  }

  private void work(int[] w, Model.Process p) {
    for (int i = 0; i < MOST_ACTIONS; i++) {
      Ownership.State s = model.states.get(w[p.at()]);
      if (s.pending() == null || w[model.jobAt(p.vm(), p.node())] == 1 + p.at()) {
        return;
      }
      choices.reset();
      agents.perform(w, p);
    }
    throw new IllegalStateException("does not settle: " + model.states.get(w[p.at()]));
  }

  /** One guest of each VM runs with right; of VMs that name one disk, one. */
  private @Nullable String notRunning(int[] w) {
    int disk = 0;
    for (int v = 0; v < model.bounds.vms(); v++) {
      OwnershipRecord r = model.record(w, v);
      boolean runs = r.held() && w[model.qemuAt(v, model.nodeOf(r.nodeName()))] == RUNS;
      boolean named = w[model.namesDiskAt(v)] == 1;
      disk += runs && named ? 1 : 0;
      if (!runs && !named) {
        return "vm" + v + " does not run: " + r;
      }
    }
    boolean wanted = false;
    for (int v = 0; v < model.bounds.vms(); v++) {
      wanted |= w[model.namesDiskAt(v)] == 1;
    }
    return wanted && disk != 1 && !heldBySomebodyWhoDroppedIt(w)
        ? "nobody has the disk: " + model.claims.at(w[model.claimAt()])
        : null;
  }

  /** A claim of a disk that the spec no longer names is let go when its VM stops, not before. */
  private boolean heldBySomebodyWhoDroppedIt(int[] w) {
    DiskClaim claim = model.claims.at(w[model.claimAt()]);
    for (int v = 0; v < model.bounds.vms(); v++) {
      if (claim != null && claim.of(Model.uid(v)) != null && w[model.namesDiskAt(v)] == 0) {
        return true;
      }
    }
    return false;
  }

  private @Nullable String notStopped(int[] w) {
    for (int v = 0; v < model.bounds.vms(); v++) {
      if (model.running(w, v) > 0 || model.record(w, v).held()) {
        return "vm" + v + " is not stopped: " + model.record(w, v);
      }
    }
    DiskClaim claim = model.claims.at(w[model.claimAt()]);
    return claim == null ? null : "a claim is left: " + claim;
  }

  /** A world in which this VM runs on the first node. */
  static int[] running(Model model) {
    int[] w = model.initial();
    String failure = new Convergence(model).failure(w, true);
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
    return Objects.requireNonNull(w);
  }
}
