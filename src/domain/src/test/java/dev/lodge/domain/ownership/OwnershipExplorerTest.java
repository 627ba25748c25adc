package dev.lodge.domain.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.ownership.Ownership.Wish;
import dev.lodge.domain.ownership.OwnershipEvent.StartOutcome;
import dev.lodge.domain.ownership.OwnershipEvent.WriteOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Explores the product's own {@link Ownership#step} breadth first: two nodes, a careful operator
 * that may be as late as it likes, crashes, reboots, lost replies, lost node records, guests that
 * die. In every state at most one QEMU runs.
 */
class OwnershipExplorerTest {
  private static final int MOST_STATES = 100_000;
  private static final long MOST_EPOCHS = 3;
  private static final long MOST_BOOTS = 2;

  /**
   * A node: its agent's state, its durable entry, and the epoch of the QEMU that runs (0: none).
   */
  private record Node(Ownership.State agent, NodeEntry entry, long qemu) {}

  /** A write whose sender was told nothing and which the API server may yet apply. */
  private record Late(OwnershipRecord expected, OwnershipRecord next) {}

  private record World(OwnershipRecord record, List<Node> nodes, @Nullable Late late) {
    World node(int i, Node n) {
      var all = new ArrayList<Node>(nodes);
      all.set(i, n);
      return new World(record, List.copyOf(all), late);
    }

    World record(OwnershipRecord r) {
      return new World(r, nodes, late);
    }

    World late(@Nullable Late l) {
      return new World(record, nodes, l);
    }

    boolean matches(OwnershipRecord expected) {
      return record.epoch() == expected.epoch()
          && record.released() == expected.released()
          && (record.claimedBy() == null) == (expected.claimedBy() == null);
    }

    long running() {
      return nodes.stream().filter(n -> n.qemu() > 0).count();
    }
  }

  private record Move(String name, World to) {}

  /** What may go wrong in a run: fewer faults let the search go deeper. */
  private enum Fault {
    AGENT_KILLED,
    REBOOT,
    GUEST_DIES,
    ENTRY_LOST,
    LATE_WRITE,
    REPLY_LOST
  }

  private EnumSet<Fault> faults = EnumSet.allOf(Fault.class);

  // A mutation blinds the core to one thing that it reads; JUnit makes a new instance for each
  // test.
  private int mostStates = MOST_STATES;
  private boolean entryDurable = true;

  /** A node that only ever wants to run and whose agent lives: it leaves depth to the other one. */
  private String quiet = "";

  private UnaryOperator<OwnershipRecord> recordAsRead = r -> r;

  @Test
  void two_nodes_under_an_operator_never_run_two_guests() {
    Found found = explore(start(false, "a", "b"));
    assertThat(found.violation()).as("%s", found.path()).isNull();
    assertThat(found.states()).isEqualTo(MOST_STATES);
    assertThat(found.sawRunning()).isTrue();
  }

  @Test
  void two_nodes_with_late_writes_and_guests_that_die() {
    faults = EnumSet.of(Fault.LATE_WRITE, Fault.GUEST_DIES);
    Found found = explore(start(false, "a", "b"));
    assertThat(found.violation()).as("%s", found.path()).isNull();
  }

  @Test
  void two_nodes_that_reboot() {
    faults = EnumSet.of(Fault.REBOOT, Fault.AGENT_KILLED);
    Found found = explore(start(false, "a", "b"));
    assertThat(found.violation()).as("%s", found.path()).isNull();
  }

  @Test
  void an_agent_alone_never_runs_two_guests_and_can_run_one() {
    Found found = explore(start(true, "a"));
    assertThat(found.violation()).as("%s", found.path()).isNull();
    assertThat(found.sawRunning()).isTrue();
  }

  @Test
  void without_the_boot_of_the_claim_a_counterexample_appears() {
    // R1 and R5 rest on the boot: an agent that takes every claim for one of its present boot
    // starts
    // an epoch that the operator is about to give away.
    faults = EnumSet.of(Fault.REBOOT);
    mostStates = 2 * MOST_STATES;
    recordAsRead =
        r ->
            r.claimedBy() == null
                ? r
                : new OwnershipRecord(
                    r.nodeName(), r.epoch(), r.claimedBy(), 2, r.claimNonce(), r.released());
    assertThat(explore(start(false, "a", "b")).violation()).isNotNull();
  }

  @Test
  void without_the_nodes_own_entry_a_counterexample_appears() {
    // R4: the release comes late, after an agent that forgot it started the same epoch again.
    faults = EnumSet.of(Fault.LATE_WRITE, Fault.AGENT_KILLED);
    entryDurable = false;
    quiet = "b";
    assertThat(explore(start(false, "a", "b")).violation()).isNotNull();
  }

  private static World start(boolean alone, String... names) {
    var nodes = new ArrayList<Node>();
    for (String n : names) {
      nodes.add(new Node(fresh(n, 1, alone), new NodeEntry.Missing(), 0));
    }
    return new World(OwnershipRecord.NONE, List.copyOf(nodes), null);
  }

  private static Ownership.State fresh(String node, long boot, boolean alone) {
    return Ownership.State.fresh(new Host(node, boot, 0, "nonce", alone));
  }

  private record Found(
      @Nullable World violation, List<String> path, int states, boolean sawRunning) {}

  private Found explore(World first) {
    Map<World, Move> cameBy = new HashMap<>();
    var queue = new ArrayDeque<World>();
    cameBy.put(first, new Move("start", first));
    queue.add(first);
    boolean sawRunning = false;
    while (!queue.isEmpty() && cameBy.size() < mostStates) {
      World w = queue.remove();
      for (Move m : moves(w)) {
        if (m.to().record().epoch() > MOST_EPOCHS || cameBy.containsKey(m.to())) {
          continue;
        }
        cameBy.put(m.to(), new Move(m.name(), w));
        sawRunning |= m.to().running() == 1;
        if (m.to().running() > 1) {
          return new Found(m.to(), path(cameBy, m.to()), cameBy.size(), sawRunning);
        }
        queue.add(m.to());
      }
    }
    return new Found(null, List.of(), cameBy.size(), sawRunning);
  }

  private static List<String> path(Map<World, Move> cameBy, World end) {
    var path = new ArrayList<String>();
    for (World w = end; !cameBy.get(w).name().equals("start"); w = cameBy.get(w).to()) {
      path.addFirst(cameBy.get(w).name());
    }
    return path;
  }

  private List<Move> moves(World w) {
    var all = new ArrayList<Move>();
    Late late = w.late();
    if (late != null) {
      World gone = w.late(null);
      all.add(
          w.matches(late.expected())
              ? new Move("late write arrives", gone.record(late.next()))
              : new Move("late write is refused", gone));
    }
    for (int i = 0; i < w.nodes().size(); i++) {
      Node n = w.nodes().get(i);
      String name = n.agent().host().nodeName();
      boolean alone = n.agent().host().assigns();
      long boot = n.agent().host().bootGeneration();
      if (n.agent().pending() != null) {
        perform(w, i, n, n.agent().pending(), all);
      } else {
        for (Wish wish : name.equals(quiet) ? List.of(Wish.RUN) : List.of(Wish.RUN, Wish.STOP)) {
          if (wish != n.agent().wish()) {
            all.add(feed(w, i, n, name + " wish " + wish, new OwnershipEvent.WishChanged(wish)));
          }
        }
        if (!name.equals(quiet)) {
          all.add(feed(w, i, n, name + " looks again", new OwnershipEvent.DomainChanged()));
        }
        all.add(feed(w, i, n, name + " watch", new OwnershipEvent.RecordChanged()));
      }
      if (faults.contains(Fault.AGENT_KILLED) && !name.equals(quiet)) {
        all.add(
            new Move(
                name + " agent killed",
                w.node(i, new Node(fresh(name, boot, alone), n.entry(), n.qemu()))));
      }
      if (boot < MOST_BOOTS && faults.contains(Fault.REBOOT)) {
        all.add(
            new Move(
                name + " reboots",
                w.node(i, new Node(fresh(name, boot + 1, alone), n.entry(), 0))));
      }
      if (n.qemu() > 0 && faults.contains(Fault.GUEST_DIES)) {
        all.add(new Move(name + " guest dies", w.node(i, new Node(n.agent(), n.entry(), 0))));
      }
      if (n.entry() instanceof NodeEntry.Known && faults.contains(Fault.ENTRY_LOST)) {
        all.add(
            new Move(
                name + " loses its entry and restarts",
                w.node(i, new Node(fresh(name, boot, alone), new NodeEntry.Missing(), n.qemu()))));
      }
      if (!alone) {
        assign(w, name, all);
      }
    }
    return all;
  }

  /** R1, by an operator that reads the record and the owner's boot live. */
  private static void assign(World w, String to, List<Move> all) {
    OwnershipRecord r = w.record();
    long ownersBoot =
        w.nodes().stream()
            .filter(n -> n.agent().host().nodeName().equals(r.nodeName()))
            .mapToLong(n -> n.agent().host().bootGeneration())
            .findFirst()
            .orElse(0);
    if (r.claimedBy() == null || r.released() || ownersBoot > r.claimBootGeneration()) {
      all.add(
          new Move(
              "operator gives epoch " + (r.epoch() + 1) + " to " + to,
              w.record(new OwnershipRecord(to, r.epoch() + 1, null, 0, null, false))));
    }
  }

  private static Move feed(World w, int i, Node n, String name, OwnershipEvent event) {
    return new Move(
        name, w.node(i, new Node(Ownership.step(n.agent(), event).state(), n.entry(), n.qemu())));
  }

  private void perform(World w, int i, Node n, OwnershipAction action, List<Move> all) {
    String who = n.agent().host().nodeName() + " ";
    switch (action) {
      case OwnershipAction.ReadRecord _ ->
          all.add(
              feed(
                  w,
                  i,
                  n,
                  who + "reads",
                  new OwnershipEvent.RecordRead(recordAsRead.apply(w.record()))));
      case OwnershipAction.ReadEntry _ ->
          all.add(feed(w, i, n, who + "reads its entry", new OwnershipEvent.EntryRead(n.entry())));
      case OwnershipAction.Look _ ->
          all.add(
              feed(
                  w,
                  i,
                  n,
                  who + "looks",
                  new OwnershipEvent.DomainSeen(
                      n.qemu() > 0 ? new DomainView.Active(n.qemu()) : new DomainView.Absent())));
      case OwnershipAction.WriteEntry a -> {
        boolean kept = entryDurable || a.entry().releasedThrough() == 0;
        var written = new Node(n.agent(), kept ? a.entry() : n.entry(), n.qemu());
        all.add(
            feed(
                w,
                i,
                written,
                who + "writes its entry",
                new OwnershipEvent.EntryWritten(true, a.entry())));
        all.add(
            feed(
                w,
                i,
                n,
                who + "cannot write its entry",
                new OwnershipEvent.EntryWritten(false, a.entry())));
      }
      case OwnershipAction.WriteClaim a ->
          swap(w, i, n, who + "claims ", a.expected(), a.claim(), all);
      case OwnershipAction.WriteReleased a ->
          swap(w, i, n, who + "releases ", a.expected(), a.expected().released(true), all);
      case OwnershipAction.Start a -> {
        var started = new Node(n.agent(), n.entry(), a.epoch());
        all.add(
            feed(
                w,
                i,
                started,
                who + "starts",
                new OwnershipEvent.StartEnded(StartOutcome.STARTED, a.epoch())));
        all.add(
            feed(
                w,
                i,
                started,
                who + "starts, reply lost",
                new OwnershipEvent.StartEnded(StartOutcome.UNKNOWN, a.epoch())));
        all.add(
            feed(
                w,
                i,
                n,
                who + "cannot start",
                new OwnershipEvent.StartEnded(StartOutcome.FAILED, a.epoch())));
      }
      case OwnershipAction.Stop _ -> {
        all.add(
            feed(
                w,
                i,
                new Node(n.agent(), n.entry(), 0),
                who + "stops",
                new OwnershipEvent.StopEnded()));
        all.add(feed(w, i, n, who + "stop did nothing", new OwnershipEvent.StopEnded()));
      }
    }
  }

  private void swap(
      World w,
      int i,
      Node n,
      String what,
      OwnershipRecord expected,
      OwnershipRecord next,
      List<Move> all) {
    if (w.matches(expected)) {
      World after = w.record(next);
      all.add(
          feed(
              after,
              i,
              n,
              what + next.epoch(),
              new OwnershipEvent.RecordWritten(WriteOutcome.APPLIED, next)));
      if (faults.contains(Fault.REPLY_LOST)) {
        all.add(
            feed(
                after,
                i,
                n,
                what + next.epoch() + ", reply lost",
                new OwnershipEvent.RecordWritten(WriteOutcome.UNKNOWN, next)));
      }
    } else {
      all.add(
          feed(
              w,
              i,
              n,
              what + "in vain",
              new OwnershipEvent.RecordWritten(WriteOutcome.CONFLICT, next)));
    }
    if (w.late() == null && faults.contains(Fault.LATE_WRITE)) {
      all.add(
          feed(
              w.late(new Late(expected, next)),
              i,
              n,
              what + "unheard, may come late",
              new OwnershipEvent.RecordWritten(WriteOutcome.UNKNOWN, next)));
    }
    all.add(
        feed(
            w,
            i,
            n,
            what + "unheard",
            new OwnershipEvent.RecordWritten(WriteOutcome.UNKNOWN, next)));
  }
}
