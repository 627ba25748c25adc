package dev.lodge.operator.virtualmachine;

import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.domain.ownership.Assignment;
import dev.lodge.domain.ownership.AssignmentAction;
import dev.lodge.domain.ownership.AssignmentDecision;
import dev.lodge.domain.ownership.AssignmentDecision.Finding;
import dev.lodge.domain.ownership.AssignmentFacts;
import dev.lodge.domain.ownership.AssignmentFacts.Wish;
import dev.lodge.domain.ownership.HostFacts;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.operator.client.Reply;
import dev.lodge.operator.needs.Problem;
import dev.lodge.operator.network.Addresses;
import dev.lodge.operator.network.Addresses.InterfaceAddress;
import dev.lodge.operator.slot.SlotPod;
import dev.lodge.operator.slot.SlotView;
import dev.lodge.operator.status.StatusTree;
import dev.lodge.operator.status.VmStatusWriter.Decided;
import dev.lodge.operator.status.VmStatusWriter.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over a VM: gather, decide, act, and again until there is nothing to do now; then tell
 * what a person should know. The decisions are those of {@link Assignment}; this class carries them
 * out, and each write fails if what was decided on has changed.
 */
final class VmPass {
  private static final Logger LOG = LoggerFactory.getLogger(VmPass.class);

  /** More actions than any way needs; the rest waits for the next pass. */
  private static final int MOST_ACTIONS = 32;

  /** So long the kubelet may take to bring the volumes before a person is told. */
  private static final Duration MOUNTED_BY = Duration.ofSeconds(20);

  private final Operations ops;
  private final VirtualMachine vm;
  private final Gatherer gatherer;
  private final DiskClaims claims;
  private final Slots slots;
  private final Finalizers finalizers;
  private OwnershipRecord record;
  private @Nullable Problem problem;

  VmPass(Operations ops, VirtualMachine vm) {
    this.ops = ops;
    this.vm = vm;
    this.claims = new DiskClaims(ops.api(), ops.cluster().claims);
    this.gatherer = new Gatherer(ops, vm, claims);
    this.slots = new Slots(ops);
    this.finalizers = new Finalizers(ops.api());
    this.record =
        vm.getStatus() == null ? OwnershipRecord.NONE : OwnershipRecord.of(vm.getStatus());
  }

  /** What an action led to. */
  private sealed interface Step {
    /** Done: gather and decide anew. */
    record Again() implements Step {}

    /** Nothing more can be done now: tell, then wait. */
    record Wait(Next next) implements Step {}

    /** Nothing to tell. */
    record End(Next next) implements Step {}
  }

  private static final Step AGAIN = new Step.Again();

  Next run() {
    boolean deleting = vm.getMetadata().getDeletionTimestamp() != null;
    if (!Finalizers.has(vm)) {
      if (deleting) {
        // Somebody took it off by force: what is ours is left to the garbage collector.
        return Next.EVENT;
      }
      Reply r = finalizers.add(vm);
      if (!(r instanceof Reply.Done)) {
        return unless(r, "finalizer");
      }
    }
    for (int i = 0; i < MOST_ACTIONS; i++) {
      Map<String, SlotView> views = gatherer.slots();
      Step hurried = hurry(views);
      if (hurried instanceof Step.End e) {
        return e.next();
      }
      AssignmentFacts facts = gatherer.facts(record, views);
      AssignmentDecision decision = Assignment.decide(facts);
      switch (act(facts, decision, views)) {
        case Step.Again _ -> {}
        case Step.End e -> {
          return e.next();
        }
        case Step.Wait w -> {
          return tell(facts, decision, w.next());
        }
      }
    }
    return Next.SOON;
  }

  // ---- acting

  /** Slots that wait for nothing go, whatever else is to be done; null: none hinders. */
  private @Nullable Step hurry(Map<String, SlotView> views) {
    if (views.values().stream().noneMatch(v -> Slots.waitsForNothing(v, record))) {
      return null;
    }
    Step live = written(write(_ -> {}), record);
    if (!(live instanceof Step.Again)) {
      return live;
    }
    Reply hindered = slots.hurry(vm, record, views.values());
    return hindered == null ? null : new Step.End(unless(hindered, "slot deletion"));
  }

  private Step act(
      AssignmentFacts facts, AssignmentDecision decision, Map<String, SlotView> views) {
    return switch (decision.action()) {
      case null -> idle(facts, views);
      case AssignmentAction.CreateClaim c -> claimed(claims.create(c.claim()));
      case AssignmentAction.UpdateClaim u -> claimed(claims.update(u.expected(), u.next()));
      case AssignmentAction.DeleteClaim d -> {
        Reply r = claims.delete(d.expected());
        gatherer.deleted(d.expected().name());
        yield claimed(r);
      }
      case AssignmentAction.CreateSlot c -> createSlot(c);
      case AssignmentAction.DeleteSlot d -> deleteSlot(facts, d);
      case AssignmentAction.SetOwner o -> setOwner(facts, decision, o, views);
      case AssignmentAction.Close c ->
          written(
              write(
                  s -> {
                    s.record(c.next());
                    s.runSlot(null);
                  }),
              c.next());
      case AssignmentAction.TellLeaving t -> tellLeaving(decision, t);
      case AssignmentAction.Finish _ -> finish(views);
    };
  }

  /** Nothing to do for the ownership; addresses are given while the scheduler thinks. */
  private Step idle(AssignmentFacts facts, Map<String, SlotView> views) {
    if (facts.wish() == Wish.RUN
        && !record.held()
        && facts.obstacle() == null
        && !views.isEmpty()) {
      Step failed = failed(ops.addresses().ensure(vm, gatherer.needs().networks()));
      if (failed != null) {
        return failed;
      }
    }
    for (SlotView v : views.values()) {
      if (record.held()
          && v.slot().epoch() == record.epoch()
          && !Slots.followsDrain(v.onDrain(), vm)
          && !v.slot().leaving()) {
        Reply r =
            slots.relabel(vm.getMetadata().getNamespace(), v.slot(), SlotPod.onDrain(vm.getSpec()));
        return r instanceof Reply.Done ? AGAIN : new Step.End(unless(r, "slot label"));
      }
    }
    problem = facts.obstacle() == null ? null : gatherer.problem();
    return new Step.Wait(problem == null ? Next.EVENT : Next.LATER);
  }

  private Step claimed(Reply r) {
    return switch (r) {
      case Reply.Done _, Reply.Exists _, Reply.NotFound _, Reply.Conflict _ -> AGAIN;
      case Reply.Refused refused -> {
        problem =
            new Problem(
                VirtualMachineConditions.SCHEDULED,
                Reason.DiskFailed,
                "VmDiskClaim: " + refused.message());
        yield new Step.Wait(Next.LATER);
      }
      case Reply.Unknown u -> new Step.End(unless(u, "disk claim"));
    };
  }

  private Step createSlot(AssignmentAction.CreateSlot wanted) {
    Reply r = slots.create(vm, wanted, gatherer.needs());
    return switch (r) {
      case Reply.Done _ -> AGAIN;
      case Reply.Refused refused -> {
        problem =
            new Problem(VirtualMachineConditions.SCHEDULED, Reason.SlotRefused, refused.message());
        yield new Step.Wait(Next.LATER);
      }
      // A pod of that name is on its way out, for as long as somebody's finalizer holds it.
      case Reply.Conflict _ -> new Step.End(Next.RETRY);
      case Reply.NotFound _, Reply.Exists _, Reply.Unknown _ -> new Step.End(unless(r, "slot"));
    };
  }

  private Step deleteSlot(AssignmentFacts facts, AssignmentAction.DeleteSlot d) {
    HostFacts owner =
        facts.hosts().stream()
            .filter(h -> h.name().equals(record.nodeName()))
            .findFirst()
            .orElse(null);
    boolean over =
        !record.held() || owner != null && owner.provesOver(record.claimBootGeneration());
    Integer grace = d.now() || over ? Slots.NO_GUEST : null;
    Reply r = slots.delete(vm.getMetadata().getNamespace(), d.slot(), grace);
    return switch (r) {
      case Reply.Done _, Reply.NotFound _, Reply.Conflict _ -> {
        if (!(r instanceof Reply.Done done) || Slots.gone(done)) {
          gatherer.deleted(d.slot().uid());
        }
        yield AGAIN;
      }
      case Reply.Exists _, Reply.Refused _, Reply.Unknown _ ->
          new Step.End(unless(r, "slot deletion"));
    };
  }

  private Step setOwner(
      AssignmentFacts facts,
      AssignmentDecision decision,
      AssignmentAction.SetOwner o,
      Map<String, SlotView> views) {
    Addresses.Outcome outcome = ops.addresses().ensure(vm, gatherer.needs().networks());
    Step failed = failed(outcome);
    if (failed != null) {
      return failed;
    }
    SlotView view = views.get(o.slot().name());
    if (view != null && !view.volumesReady()) {
      return mounting(view);
    }
    List<InterfaceAddress> addresses = ((Addresses.Outcome.Given) outcome).addresses();
    Finding failover = Assignment.decide(with(facts, o.next())).failover();
    Written w =
        write(
            s -> {
              s.record(o.next());
              s.runSlot(o.slot());
              s.interfaces(addresses);
              s.phase("Starting");
              say(s, VirtualMachineConditions.SCHEDULED, VmStory.scheduled(vm, decision));
              if (failover != null) {
                say(s, VirtualMachineConditions.FAILOVER_READY, failover);
              }
              s.noCondition(VirtualMachineConditions.SLOT_LOST);
              s.noCondition(VirtualMachineConditions.IMAGES_READY);
              s.noCondition(VirtualMachineConditions.NETWORKS_READY);
              s.condition(
                  VirtualMachineConditions.READY,
                  Condition.Status.False,
                  Reason.Starting.name(),
                  "node " + o.next().nodeName() + " is to start the guest");
            });
    Step done = written(w, o.next());
    return done instanceof Step.Again ? new Step.End(Next.EVENT) : done;
  }

  private Step mounting(SlotView view) {
    String created = vm.getMetadata().getCreationTimestamp();
    var pod = ops.cluster().slots.get(vm.getMetadata().getNamespace(), view.slot().name());
    String since = pod == null ? created : pod.getMetadata().getCreationTimestamp();
    Instant until = since == null ? ops.clock().instant() : Instant.parse(since).plus(MOUNTED_BY);
    Duration left = Duration.between(ops.clock().instant(), until);
    if (left.isPositive()) {
      return new Step.End(new Next(left));
    }
    problem =
        new Problem(
            VirtualMachineConditions.SCHEDULED,
            Reason.WaitingForVolumes,
            "node "
                + view.slot().node()
                + " has not brought the volumes yet"
                + (view.slot().said() == null ? "" : ": " + view.slot().said())
                + "; kubectl describe pod "
                + view.slot().name()
                + " tells more");
    return new Step.Wait(Next.LATER);
  }

  private Step tellLeaving(AssignmentDecision decision, AssignmentAction.TellLeaving t) {
    Written w =
        write(
            s -> {
              s.runSlot(t.slot());
              say(s, VirtualMachineConditions.SCHEDULED, VmStory.scheduled(vm, decision));
            });
    Step done = written(w, record);
    return done instanceof Step.Again ? new Step.End(Next.EVENT) : done;
  }

  private Step finish(Map<String, SlotView> views) {
    if (!views.isEmpty()) {
      // The kubelet is about to end them; their volumes are in use until then.
      return new Step.End(Next.LATER);
    }
    if (!ops.addresses().releaseAll(vm.getMetadata().getUid())) {
      return new Step.End(Next.RETRY);
    }
    Reply r = finalizers.remove(vm, record);
    return new Step.End(
        r instanceof Reply.Done || r instanceof Reply.NotFound
            ? Next.EVENT
            : unless(r, "finalizer"));
  }

  private @Nullable Step failed(Addresses.Outcome o) {
    return switch (o) {
      case Addresses.Outcome.Given _ -> null;
      case Addresses.Outcome.Refused r -> {
        problem = r.problem();
        yield new Step.Wait(Next.LATER);
      }
      case Addresses.Outcome.TryAgain t -> {
        LOG.debug("{}: addresses: {}", name(), t.why());
        yield new Step.End(Next.RETRY);
      }
    };
  }

  // ---- telling

  private Next tell(AssignmentFacts facts, AssignmentDecision decision, Next next) {
    boolean unknown = decision.scheduled().reason() == Reason.NodeUnknown;
    String owner = record.nodeName();
    boolean silent = record.held() && unknown && owner != null && ops.pulse().silent(owner);
    VmStory story = VmStory.of(vm, facts, decision, problem, silent, ops.slotPod().asksFor(vm));
    // An unbound slot wakes by itself; an agent that is missing, or a disk in use, may not.
    boolean blocked =
        decision.scheduled().status() == Condition.Status.False
            && decision.scheduled().reason() != Reason.Unschedulable
            && decision.scheduled().reason() != Reason.PoweredOff;
    Next then = unknown || blocked ? Next.LATER : next;
    if (!story.worthWriting()) {
      return then;
    }
    Written w = write(story::tell);
    return written(w, record) instanceof Step.End e ? e.next() : then;
  }

  private static void say(StatusTree s, String type, Finding f) {
    s.condition(type, f.status(), f.reason().name(), f.message());
  }

  private Written write(Consumer<StatusTree> change) {
    return ops.status()
        .write(
            new Decided(
                vm.getMetadata().getNamespace(),
                vm.getMetadata().getName(),
                vm.getMetadata().getUid(),
                vm.getMetadata().getGeneration() == null ? 0 : vm.getMetadata().getGeneration(),
                vm.getMetadata().getDeletionTimestamp() != null,
                record),
            change);
  }

  private Step written(Written w, OwnershipRecord now) {
    return switch (w.outcome()) {
      case APPLIED -> {
        record = now;
        yield AGAIN;
      }
      case CONFLICT -> new Step.End(Next.SOON);
      case GONE -> new Step.End(Next.EVENT);
      case UNKNOWN -> {
        LOG.info("{}: status: no clear answer: {}", name(), w.why());
        yield new Step.End(Next.RETRY);
      }
      case REJECTED -> {
        LOG.warn("{}: status refused: {}", name(), w.why());
        yield new Step.End(Next.LATER);
      }
    };
  }

  private Next unless(Reply r, String what) {
    return switch (r) {
      case Reply.Done _, Reply.Exists _ -> Next.EVENT;
      case Reply.NotFound _ -> Next.EVENT;
      case Reply.Conflict _ -> Next.SOON;
      case Reply.Refused f -> {
        LOG.warn("{}: {} refused: {}", name(), what, f.message());
        yield Next.LATER;
      }
      case Reply.Unknown u -> {
        LOG.info("{}: {}: no clear answer: {}", name(), what, u.message());
        yield Next.RETRY;
      }
    };
  }

  private String name() {
    return vm.getMetadata().getNamespace() + "/" + vm.getMetadata().getName();
  }

  private static AssignmentFacts with(AssignmentFacts f, OwnershipRecord record) {
    return new AssignmentFacts(
        f.vm(),
        f.uid(),
        record,
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
  }
}
