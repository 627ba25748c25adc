package dev.lodge.domain.ownership;

import static dev.lodge.domain.ownership.Model.INCOMING;
import static dev.lodge.domain.ownership.Model.LANDED;
import static dev.lodge.domain.ownership.Model.NONE;
import static dev.lodge.domain.ownership.Model.RUNS;
import static dev.lodge.domain.ownership.Model.SENT;

import dev.lodge.domain.ownership.Bounds.Fault;
import dev.lodge.domain.ownership.Ownership.Wish;
import dev.lodge.domain.ownership.OwnershipEvent.MigrationOutcome;
import java.util.function.Supplier;

/** Everything that can happen next in a world. */
final class Moves {
  /** Takes each move. */
  interface Sink {
    /**
     * @param name what happened; empty unless {@link Moves#describe} says so
     */
    void move(String name, int[] to);
  }

  private final Model model;
  private final Bounds bounds;
  private final Choices choices = new Choices();
  private final AgentRun agents;
  private final LeaderRun leaders;

  private boolean describe;

  Moves(Model model) {
    this.model = model;
    this.bounds = model.bounds;
    this.agents = new AgentRun(model, choices);
    this.leaders = new LeaderRun(model, choices);
  }

  /** Whether moves are to be named, which costs time. */
  void describe(boolean names) {
    describe = names;
    leaders.describe = names;
  }

  void all(int[] w, Sink sink) {
    for (Model.Process p : model.processes) {
      process(w, p, sink);
    }
    for (int v = 0; v < bounds.vms(); v++) {
      vm(w, v, sink);
      leader(w, v, sink);
    }
    for (int n = 0; n < bounds.nodes(); n++) {
      node(w, n, sink);
    }
    late(w, sink);
  }

  // ---- agents

  private void process(int[] w, Model.Process p, Sink sink) {
    Ownership.State s = model.states.at(w[p.at()]);
    if (s == null) {
      if (w[model.upAt(p.node())] == 1
          && w[model.registeredAt(p.node())] == w[model.bootAt(p.node())]) {
        int[] next = w.clone();
        next[p.at()] = agents.fresh(w, p);
        sink.move(name(() -> p.name() + " starts"), next);
      }
      return;
    }
    if (s.pending() != null && w[model.jobAt(p.vm(), p.node())] != 1 + p.at()) {
      choices.reset();
      do {
        int[] next = w.clone();
        agents.perform(next, p);
        sink.move(
            name(
                () ->
                    p.name()
                        + " "
                        + s.pending()
                        + (agents.said().isEmpty() ? "" : ": " + agents.said())),
            next);
      } while (choices.another());
    }
    if (s.pending() == null) {
      wishes(w, p, s, sink);
      feed(w, p, new OwnershipEvent.RecordChanged(), " watches", sink);
      boolean stale = !(s.domain() instanceof DomainView.Unknown);
      if (stale && (bounds.has(Fault.LOOKS_AGAIN) || differs(w, p, s.domain()))) {
        feed(w, p, new OwnershipEvent.DomainChanged(), " looks again", sink);
      }
    }
    if (s.host().fencedThrough() < w[model.fencedAt(p.node())]) {
      var fenced = new OwnershipEvent.HostChanged(w[model.fencedAt(p.node())]);
      feed(w, p, fenced, " hears of its fencing", sink);
    }
    if (bounds.has(Fault.AGENT_KILLED) && w[p.at()] != agents.fresh(w, p)) {
      int[] next = w.clone();
      agents.kill(next, p);
      sink.move(name(() -> p.name() + " is killed and starts"), next);
    }
  }

  /** Whether libvirt has told of something. */
  private boolean differs(int[] w, Model.Process p, DomainView seen) {
    int kind = w[model.qemuAt(p.vm(), p.node())];
    long epoch = w[model.qemuEpochAt(p.vm(), p.node())];
    return switch (seen) {
      case DomainView.Active a -> !(kind == RUNS || kind == SENT) || epoch != a.epoch();
      case DomainView.Landed l -> !(kind == INCOMING || kind == LANDED) || epoch != l.epoch();
      case DomainView.Absent _ -> kind != NONE;
      case DomainView.Unknown _, DomainView.Foreign _ -> false;
    };
  }

  private void wishes(int[] w, Model.Process p, Ownership.State s, Sink sink) {
    String disks = model.disks(w, p.vm());
    for (Wish wish : Wish.values()) {
      boolean may = wish == Wish.RUN || wish == Wish.STOP && bounds.has(Fault.WISH_STOP);
      boolean news = wish != s.wish() || s.refused() || !disks.equals(s.disks());
      if (may && news) {
        feed(w, p, new OwnershipEvent.WishChanged(wish, disks), " wish " + wish, sink);
      }
    }
  }

  private void feed(int[] w, Model.Process p, OwnershipEvent event, String what, Sink sink) {
    choices.reset();
    do {
      int[] next = w.clone();
      agents.feed(next, p, event);
      sink.move(name(() -> p.name() + what), next);
    } while (choices.another());
  }

  // ---- leaders

  private void leader(int[] w, int v, Sink sink) {
    for (AssignmentFacts.Wish wish : AssignmentFacts.Wish.values()) {
      if (wish == AssignmentFacts.Wish.DELETE
          || wish == AssignmentFacts.Wish.STOP && !bounds.has(Fault.WISH_STOP)) {
        continue;
      }
      choices.reset();
      do {
        int[] next = w.clone();
        String did = leaders.decideAndAct(next, v, wish);
        if (did != null) {
          sink.move(name(() -> "leader, vm" + v + " " + wish + ": " + did), next);
        }
      } while (choices.another());
    }
    if (!bounds.has(Fault.STALE_LEADER) || bounds.oldLeaderOf >= 0 && bounds.oldLeaderOf != v) {
      return;
    }
    Model.Leader old = model.leaders.at(w[model.leaderAt()]);
    switch (old) {
      case null -> {
        for (AssignmentFacts.Wish wish : AssignmentFacts.Wish.values()) {
          if (wish == AssignmentFacts.Wish.DELETE
              || wish == AssignmentFacts.Wish.STOP && !bounds.has(Fault.WISH_STOP)) {
            continue;
          }
          int[] next = w.clone();
          leaders.look(next, v, wish);
          sink.move(name(() -> "old leader looks at vm" + v + " " + wish), next);
        }
      }
      case Model.Leader.Looked l when l.vm() == v -> {
        choices.reset();
        do {
          int[] next = w.clone();
          String did = leaders.decide(next, l);
          sink.move(name(() -> "old leader, vm" + v + " decides: " + did), next);
        } while (choices.another());
      }
      case Model.Leader.Acts a when a.vm() == v -> {
        int[] next = w.clone();
        boolean done = leaders.act(next, v, a.action());
        next[model.leaderAt()] = 0;
        sink.move(name(() -> "old leader acts: " + a.action() + (done ? "" : " in vain")), next);
      }
      case Model.Leader _ -> {}
    }
  }

  // ---- guests

  private void vm(int[] w, int v, Sink sink) {
    for (int n = 0; n < bounds.nodes(); n++) {
      guest(w, v, n, sink);
    }
    if (bounds.has(Fault.SLOT_LOST) && w[model.slotAt(v)] != 0) {
      int[] next = w.clone();
      next[model.slotAt(v)] = 0;
      sink.move(name(() -> "slot of vm" + v + " is lost"), next);
    }
    if (bounds.has(Fault.SPEC_EDIT) && w[model.editsAt(v)] < bounds.mostEdits) {
      int[] next = w.clone();
      next[model.editsAt(v)]++;
      next[model.namesDiskAt(v)] = 1 - w[model.namesDiskAt(v)];
      sink.move(
          name(
              () ->
                  "edit: vm"
                      + v
                      + (w[model.namesDiskAt(v)] == 1 ? " drops" : " names")
                      + " the disk"),
          next);
    }
    OwnershipRecord r = model.record(w, v);
    if (bounds.has(Fault.MIGRATION) && r.held() && r.migration() == null) {
      for (int n = 0; n < bounds.nodes(); n++) {
        String to = Model.node(n);
        if (!to.equals(r.nodeName())) {
          int[] next = w.clone();
          model.setRecord(next, v, r.migrating(OwnershipRecord.Migration.to(to)));
          sink.move(name(() -> "migration of vm" + v + " to " + to + " is asked for"), next);
        }
      }
    }
  }

  private void guest(int[] w, int v, int n, Sink sink) {
    choices.reset();
    int kind = w[model.qemuAt(v, n)];
    String where = "vm" + v + "@" + Model.node(n);
    if (kind != NONE && kind != SENT && bounds.has(Fault.GUEST_DIES)) {
      int[] next = w.clone();
      model.gone(next, v, n);
      agents.jobEnds(next, v, n, MigrationOutcome.NOT_MOVED);
      sink.move(name(() -> "QEMU of " + where + " dies"), next);
    }
    if (bounds.has(Fault.ENTRY_LOST) && model.entry(w, v, n) instanceof NodeEntry.Known) {
      int[] next = w.clone();
      next[model.entryAt(v, n)] = model.entries.of(new NodeEntry.Missing());
      for (Model.Process p : model.processes) {
        if (p.vm() == v && p.node() == n && w[p.at()] != 0) {
          agents.kill(next, p);
        }
      }
      sink.move(name(() -> where + " loses its entry and restarts"), next);
    }
    if (w[model.jobAt(v, n)] == 0) {
      return;
    }
    int target = model.target(w, v);
    boolean arriving = target >= 0 && w[model.qemuAt(v, target)] == INCOMING;
    if (kind == RUNS && arriving) {
      int[] over = w.clone();
      model.switchOver(over, v, n, target);
      sink.move(name(() -> "switch-over from " + where), over);
    }
    if (kind == RUNS) {
      int[] failed = w.clone();
      if (arriving) {
        model.gone(failed, v, target);
      }
      agents.jobEnds(failed, v, n, MigrationOutcome.NOT_MOVED);
      sink.move(name(() -> "migration from " + where + " fails"), failed);
    }
    if (kind == SENT) {
      int[] moved = w.clone();
      model.gone(moved, v, n);
      agents.jobEnds(moved, v, n, MigrationOutcome.MOVED);
      sink.move(name(() -> "migration from " + where + " succeeds"), moved);
      int[] back = w.clone();
      model.runs(back, v, n, w[model.qemuEpochAt(v, n)], w[model.opensDiskAt(v, n)] == 1);
      agents.jobEnds(back, v, n, MigrationOutcome.NOT_MOVED);
      sink.move(name(() -> "finish of the migration is lost, " + where + " runs on"), back);
    }
  }

  // ---- nodes

  private void node(int[] w, int n, Sink sink) {
    boolean up = w[model.upAt(n)] == 1;
    String where = Model.node(n);
    if (bounds.has(Fault.POWER) && (up || w[model.bootAt(n)] < bounds.mostBoots)) {
      int[] next = w.clone();
      if (up) {
        powerOff(next, n);
      } else {
        next[model.upAt(n)] = 1;
        next[model.bootAt(n)]++;
      }
      sink.move(name(() -> where + (up ? " loses power" : " boots")), next);
    }
    if (up && w[model.registeredAt(n)] < w[model.bootAt(n)]) {
      int[] next = w.clone();
      leaders.register(next, n);
      sink.move(name(() -> where + " registers its boot"), next);
    }
    if (!bounds.has(Fault.TAINT)) {
      return;
    }
    // People say that a machine is off only when it is.
    if (w[model.taintAt(n)] == 1 || !up) {
      int[] next = w.clone();
      next[model.taintAt(n)] = 1 - w[model.taintAt(n)];
      sink.move(
          name(() -> where + (w[model.taintAt(n)] == 1 ? " loses" : " gets") + " the taint"), next);
    }
    int[] fenced = w.clone();
    if (leaders.fence(fenced, n)) {
      sink.move(name(() -> "leader looks after the taint of " + where), fenced);
    }
    if (bounds.has(Fault.STALE_LEADER)) {
      int[] next = w.clone();
      String did = leaders.fenceLater(next, n);
      if (did != null) {
        sink.move(name(() -> "old leader " + did), next);
      }
    }
  }

  void powerOff(int[] w, int n) {
    w[model.upAt(n)] = 0;
    w[model.bootAt(n)] = w[model.registeredAt(n)]; // a boot that nobody counted is none
    for (int v = 0; v < bounds.vms(); v++) {
      model.gone(w, v, n);
      w[model.jobAt(v, n)] = 0;
      for (int m = 0; m < bounds.nodes(); m++) {
        // A job towards this node fails, and the source runs on.
        if (w[model.jobAt(v, m)] != 0) {
          if (w[model.qemuAt(v, m)] == SENT) {
            model.runs(w, v, m, w[model.qemuEpochAt(v, m)], w[model.opensDiskAt(v, m)] == 1);
          }
          agents.jobEnds(w, v, m, MigrationOutcome.NOT_MOVED);
        }
      }
    }
    for (Model.Process p : model.processes) {
      if (p.node() == n) {
        w[p.at()] = 0;
      }
    }
  }

  private void late(int[] w, Sink sink) {
    Model.Late late = model.lates.at(w[model.lateAt()]);
    if (late == null) {
      return;
    }
    int[] next = w.clone();
    next[model.lateAt()] = 0;
    boolean applies = model.record(w, late.vm()).equals(late.expected());
    if (applies) {
      model.setRecord(next, late.vm(), late.next());
    }
    sink.move(name(() -> "late write " + (applies ? "arrives" : "is refused")), next);
  }

  private String name(Supplier<String> text) {
    return describe ? text.get() : "";
  }
}
