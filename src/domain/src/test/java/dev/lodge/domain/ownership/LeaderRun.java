package dev.lodge.domain.ownership;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Leaders: the product's decisions, and what the API server makes of them. */
final class LeaderRun {
  private final Model model;
  private final Bounds bounds;
  private final Choices choices;

  /** Whether to say what is done, which costs time. */
  boolean describe;

  private final Map<Asked, Optional<AssignmentAction>> decisions = new HashMap<>();

  private record Asked(long record, long claim, long hosts) {}

  LeaderRun(Model model, Choices choices) {
    this.model = model;
    this.bounds = model.bounds;
    this.choices = choices;
  }

  private String said(AssignmentAction action) {
    return describe ? action.toString() : "";
  }

  private @Nullable AssignmentAction decision(AssignmentFacts facts) {
    return new AssignmentPass(bounds.rules, facts).decide().action();
  }

  /** The product's decision on the world as it is, which is pure, so it is asked once. */
  private @Nullable AssignmentAction decision(int[] w, int vm, AssignmentFacts.Wish wish) {
    long hosts = 0;
    for (int n = 0; n < bounds.nodes(); n++) {
      hosts = hosts << 6 | w[model.registeredAt(n)] << 3 | w[model.fencedAt(n)];
    }
    var asked =
        new Asked(
            (long) w[model.recordAt(vm)] << 32 | w[model.slotAt(vm)],
            (long) w[model.claimAt()] << 32 | wish.ordinal() << 2 | w[model.namesDiskAt(vm)] << 1,
            hosts << 8 | vm);
    return decisions
        .computeIfAbsent(asked, _ -> Optional.ofNullable(decision(model.facts(w, vm, wish))))
        .orElse(null);
  }

  /**
   * The leader reads all live, decides and acts; slots are made and deleted on the way.
   *
   * @return what it did; null: nothing
   */
  @Nullable String decideAndAct(int[] w, int vm, AssignmentFacts.Wish wish) {
    boolean slot = false;
    while (true) {
      AssignmentAction action = decision(w, vm, wish);
      if (action == null) {
        return slot ? "slot" : null;
      }
      if (!slots(w, vm, action)) {
        return act(w, vm, action) ? said(action) : null;
      }
      slot = true;
    }
  }

  /** Slots are scheduled, bound and deleted at once. */
  private boolean slots(int[] w, int vm, AssignmentAction action) {
    if (action instanceof AssignmentAction.DeleteSlot) {
      w[model.slotAt(vm)] = 0;
      return true;
    }
    if (!(action instanceof AssignmentAction.CreateSlot c)) {
      return false;
    }
    int[] places = new int[bounds.nodes()];
    int many = 0;
    for (int n = 0; n < bounds.nodes(); n++) {
      boolean may = c.pinnedTo() == null || c.pinnedTo().equals(Model.node(n));
      if (may && bounds.processes[vm][n] > 0) {
        places[many++] = n;
      }
    }
    String node = Model.node(places[many == 1 ? 0 : choices.pick(many)]);
    w[model.slotAt(vm)] =
        model.slots.of(
            new Slot(
                "slot", "slot-" + c.epoch(), c.epoch(), node, Slot.State.BOUND, false, null, ""));
    return true;
  }

  /** Whether it went through. */
  boolean act(int[] w, int vm, AssignmentAction action) {
    return switch (action) {
      case AssignmentAction.CreateClaim a ->
          claim(w, null, new DiskClaim("pvc-x", "", a.claim().shared(), a.claim().holders()));
      case AssignmentAction.UpdateClaim a -> claim(w, a.expected(), a.next());
      case AssignmentAction.DeleteClaim a -> claim(w, a.expected(), null);
      case AssignmentAction.SetOwner a -> record(w, vm, a.expected(), a.next());
      case AssignmentAction.Close a -> record(w, vm, a.expected(), a.next());
      case AssignmentAction.CreateSlot _,
          AssignmentAction.DeleteSlot _,
          AssignmentAction.TellLeaving _,
          AssignmentAction.Finish _ ->
          false;
    };
  }

  private boolean claim(int[] w, @Nullable DiskClaim expected, @Nullable DiskClaim next) {
    if (w[model.claimAt()] != model.claims.of(expected)) {
      return false;
    }
    w[model.claimAt()] = model.claims.of(next);
    return true;
  }

  private boolean record(int[] w, int vm, OwnershipRecord expected, OwnershipRecord next) {
    if (!model.record(w, vm).equals(expected)) {
      return false;
    }
    model.setRecord(w, vm, next);
    return true;
  }

  // ---- a second leader, in steps

  /** Reads all. */
  void look(int[] w, int vm, AssignmentFacts.Wish wish) {
    AssignmentFacts facts = model.facts(w, vm, wish);
    w[model.leaderAt()] = model.leaders.of(new Model.Leader.Looked(vm, facts));
  }

  /** Reads the record once more, decides, and remembers what it is about to do. */
  String decide(int[] w, Model.Leader.Looked l) {
    AssignmentFacts f = l.facts();
    var facts =
        new AssignmentFacts(
            f.vm(),
            f.uid(),
            model.record(w, l.vm()),
            f.wish(),
            f.onNodeLoss(),
            f.localDisk(),
            f.obstacle(),
            f.disks(),
            f.locks(),
            f.claims(),
            f.slots(),
            f.leavingTold(),
            f.hosts());
    w[model.leaderAt()] = 0;
    AssignmentAction action = decision(facts);
    if (action == null || slots(w, l.vm(), action)) {
      return action == null ? "nothing" : "slot";
    }
    w[model.leaderAt()] = model.leaders.of(new Model.Leader.Acts(l.vm(), action));
    return said(action);
  }

  // ---- hosts

  /** The agent counts its boot. */
  void register(int[] w, int n) {
    var known =
        new HostRegistration.Known(
            "machine",
            "boot-" + w[model.registeredAt(n)],
            w[model.registeredAt(n)],
            w[model.fencedAt(n)]);
    if (HostRegistration.decide(
            known, "machine", "boot-" + w[model.bootAt(n)], w[model.taintAt(n)] == 1)
        instanceof HostRegistration.Write r) {
      w[model.registeredAt(n)] = (int) r.bootGeneration();
      w[model.taintedAtBootAt(n)] = r.taintedAtBoot() ? 1 : 0;
    }
  }

  /** The leader reads the VmHost, then the Node, and acts. */
  boolean fence(int[] w, int n) {
    return fence(w, Fencing.decide(bounds.rules, model.host(w, n, true)));
  }

  /** What comes of a VmHost that was read before the Node. */
  String fence(int[] w, HostFacts seen, int n) {
    HostFacts.Taint taint =
        w[model.taintAt(n)] == 1 ? HostFacts.Taint.THEIRS : HostFacts.Taint.NONE;
    FencingAction action = Fencing.decide(bounds.rules, tainted(seen, taint));
    return action + (fence(w, action) ? "" : " in vain");
  }

  private boolean fence(int[] w, @Nullable FencingAction action) {
    if (!(action instanceof FencingAction.WriteFenced a)) {
      return false; // the taint that is ours changes nothing that counts here
    }
    int n = model.nodeOf(a.expected().name());
    if (!untainted(model.host(w, n, false)).equals(untainted(a.expected()))) {
      return false;
    }
    w[model.fencedAt(n)] = (int) a.fencedThrough();
    w[model.taintSeenAt(n)] = a.taintSeen() ? 1 : 0;
    w[model.taintedAtBootAt(n)] = a.taintedAtBoot() ? 1 : 0;
    return true;
  }

  private static HostFacts untainted(HostFacts h) {
    return tainted(h, HostFacts.Taint.NONE);
  }

  private static HostFacts tainted(HostFacts h, HostFacts.Taint taint) {
    return new HostFacts(
        h.name(),
        h.bootGeneration(),
        h.fencedThrough(),
        h.ready(),
        taint,
        h.taintSeen(),
        h.taintedAtBoot());
  }

  /** An old leader goes one step on with a node; null: it has none to take. */
  @Nullable String fenceLater(int[] w, int n) {
    return switch (model.leaders.at(w[model.leaderAt()])) {
      case null -> {
        w[model.leaderAt()] = model.leaders.of(new Model.Leader.SawHost(model.host(w, n, false)));
        yield describe ? "reads VmHost " + Model.node(n) : "";
      }
      case Model.Leader.SawHost s when s.host().name().equals(Model.node(n)) -> {
        HostFacts.Taint taint =
            w[model.taintAt(n)] == 1 ? HostFacts.Taint.THEIRS : HostFacts.Taint.NONE;
        FencingAction action = Fencing.decide(bounds.rules, tainted(s.host(), taint));
        w[model.leaderAt()] =
            action == null ? 0 : model.leaders.of(new Model.Leader.Fences(action));
        yield describe ? "reads Node " + Model.node(n) + ": " + action : "";
      }
      case Model.Leader.Fences f
          when f.action() instanceof FencingAction.WriteFenced a
              && a.expected().name().equals(Model.node(n)) -> {
        boolean done = fence(w, a);
        w[model.leaderAt()] = 0;
        yield describe ? "writes VmHost " + Model.node(n) + (done ? "" : " in vain") : "";
      }
      case Model.Leader.Fences f
          when n == 0 && !(f.action() instanceof FencingAction.WriteFenced) -> {
        w[model.leaderAt()] = 0;
        yield "is done";
      }
      case Model.Leader _ -> null;
    };
  }
}
