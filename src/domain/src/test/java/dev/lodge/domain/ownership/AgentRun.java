package dev.lodge.domain.ownership;

import dev.lodge.domain.ownership.OwnershipEvent.MigrationOutcome;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Agent processes: the product's step and interpreter, over the model's ports. */
final class AgentRun {
  private final Model model;
  private final ModelPorts ports;
  private final Interpreter[] interpreters;
  private final Map<Long, Integer> steps = new HashMap<>();
  private final Map<Integer, Integer> fresh = new HashMap<>();

  AgentRun(Model model, Choices choices) {
    this.model = model;
    this.ports = new ModelPorts(model, choices);
    int most = model.processes.stream().mapToInt(Model.Process::number).max().orElse(0);
    interpreters = new Interpreter[most + 1];
    for (int k = 0; k <= most; k++) {
      interpreters[k] = new Interpreter(model.bounds.rules, "nonce-" + k, ports);
    }
  }

  /** What became of the last action, for people. */
  String said() {
    return ports.said;
  }

  /** Carries out the action under way. */
  void perform(int[] w, Model.Process p) {
    Ownership.State s = model.states.get(w[p.at()]);
    OwnershipAction action = Objects.requireNonNull(s.pending());
    ports.at(w, p, Objects.requireNonNullElse(s.disks(), ""));
    OwnershipEvent event;
    try {
      event = interpreters[p.number()].perform(action);
    } catch (ModelPorts.Unreachable e) {
      event = new OwnershipEvent.Interrupted(); // as the product's driver does
    } catch (ModelPorts.Killed e) {
      kill(w, p);
      ports.said = "killed in it";
      return;
    }
    String said = ports.said;
    if (event != null) {
      feed(w, p, event);
    }
    ports.said = said;
  }

  /** Feeds an event, and what is read at once after it. */
  void feed(int[] w, Model.Process p, OwnershipEvent event) {
    int s = step(w[p.at()], event);
    OwnershipAction action = model.states.get(s).pending();
    while (model.bounds.eagerReads && reads(action)) {
      ports.at(w, p, "");
      s = step(s, answer(p, action));
      action = model.states.get(s).pending();
    }
    w[p.at()] = s;
  }

  private OwnershipEvent answer(Model.Process p, OwnershipAction action) {
    try {
      return Objects.requireNonNull(interpreters[p.number()].perform(action));
    } catch (ModelPorts.Unreachable e) {
      return new OwnershipEvent.Interrupted();
    }
  }

  /** The product's step, which is pure, so that the same question is asked once. */
  private int step(int state, OwnershipEvent event) {
    long key = (long) state << 32 | number(event);
    Integer known = steps.get(key);
    if (known == null) {
      known =
          model.states.of(
              Ownership.step(model.bounds.rules, model.states.get(state), event).state());
      steps.put(key, known);
    }
    return known;
  }

  private int number(OwnershipEvent event) {
    return switch (event) {
      case OwnershipEvent.WishChanged e ->
          0x01000000
              | e.wish().ordinal() << 2
              | ("D".equals(e.disks()) ? 1 : e.disks() == null ? 2 : 0);
      case OwnershipEvent.HostChanged e -> 0x02000000 | (int) e.fencedThrough();
      case OwnershipEvent.RecordRead e -> 0x03000000 | model.records.of(e.record());
      case OwnershipEvent.RecordChanged _ -> 0x04000000;
      case OwnershipEvent.EntryRead e -> 0x05000000 | model.entries.of(e.entry());
      case OwnershipEvent.DomainSeen e -> 0x06000000 | number(e.domain());
      case OwnershipEvent.DomainChanged _ -> 0x07000000;
      case OwnershipEvent.RecordWritten e ->
          0x08000000 | model.records.of(e.record()) << 2 | e.outcome().ordinal();
      case OwnershipEvent.EntryWritten e ->
          0x09000000 | (e.entry() == null ? 0 : model.entries.of(e.entry()));
      case OwnershipEvent.StartEnded e -> 0x0a000000 | (int) e.epoch() << 2 | e.outcome().ordinal();
      case OwnershipEvent.StopEnded _ -> 0x0b000000;
      case OwnershipEvent.MigrationEnded e -> 0x0c000000 | e.outcome().ordinal();
      case OwnershipEvent.MigrationAborted e ->
          0x0d000000 | model.entries.of(new NodeEntry.Known(0, e.hold()));
      case OwnershipEvent.ResumeEnded e ->
          0x0e000000 | (int) e.epoch() << 2 | e.outcome().ordinal();
      case OwnershipEvent.Interrupted _ -> 0x0f000000;
    };
  }

  private static int number(DomainView domain) {
    return switch (domain) {
      case DomainView.Unknown _ -> 0;
      case DomainView.Absent _ -> 1;
      case DomainView.Active a -> (int) a.epoch() << 2 | 2;
      case DomainView.Landed l -> (int) l.epoch() << 2 | 3;
      case DomainView.Foreign _ -> throw new IllegalStateException("not in the model");
    };
  }

  private static boolean reads(@Nullable OwnershipAction action) {
    return action instanceof OwnershipAction.ReadRecord
        || action instanceof OwnershipAction.ReadEntry
        || action instanceof OwnershipAction.Look;
  }

  /** The process dies and another one takes its place; its migration job goes on without it. */
  void kill(int[] w, Model.Process p) {
    if (w[model.jobAt(p.vm(), p.node())] == 1 + p.at()) {
      w[model.jobAt(p.vm(), p.node())] = Model.ORPHAN;
    }
    w[p.at()] = fresh(w, p);
  }

  /** A process that has just begun. */
  int fresh(int[] w, Model.Process p) {
    int key = p.at() << 12 | w[model.registeredAt(p.node())] << 6 | w[model.fencedAt(p.node())];
    return fresh.computeIfAbsent(key, _ -> model.states.of(model.fresh(w, p)));
  }

  /** A migration job ends; whoever waits for it is told. */
  void jobEnds(int[] w, int vm, int node, MigrationOutcome outcome) {
    int job = w[model.jobAt(vm, node)];
    w[model.jobAt(vm, node)] = 0;
    for (Model.Process p : model.processes) {
      if (job == 1 + p.at()) {
        feed(w, p, new OwnershipEvent.MigrationEnded(outcome));
      }
    }
  }
}
