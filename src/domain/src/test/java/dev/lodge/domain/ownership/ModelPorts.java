package dev.lodge.domain.ownership;

import static dev.lodge.domain.ownership.Model.INCOMING;
import static dev.lodge.domain.ownership.Model.LANDED;
import static dev.lodge.domain.ownership.Model.NONE;
import static dev.lodge.domain.ownership.Model.RUNS;
import static dev.lodge.domain.ownership.Model.SENT;

import dev.lodge.domain.ownership.Bounds.Fault;
import dev.lodge.domain.ownership.OwnershipEvent.StartOutcome;
import dev.lodge.domain.ownership.OwnershipEvent.WriteOutcome;

/** What an agent process can do to the world, and how it can fail. */
final class ModelPorts implements NodePorts {
  /** The process dies in the middle. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Killed() {
      super(null, null, false, false);
    }
  }

  /** The API server cannot be reached. */
  static final class Unreachable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreachable() {
      super(null, null, false, false);
    }
  }

  private final Model model;
  private final Choices choices;
  private int[] w = {};
  private Model.Process p;
  private String disks = "";

  /** What happened, for people. */
  String said = "";

  ModelPorts(Model model, Choices choices) {
    this.model = model;
    this.choices = choices;
    this.p = model.processes.getFirst();
  }

  ModelPorts at(int[] world, Model.Process process, String wantedDisks) {
    w = world;
    p = process;
    disks = wantedDisks;
    said = "";
    return this;
  }

  private boolean may(Fault f) {
    return model.bounds.has(f);
  }

  /** What is done under the lock is one move; that somebody else has it is a move of its own. */
  @Override
  public boolean lock() {
    return !(may(Fault.NO_ANSWER) && choices.pick(2) == 1);
  }

  @Override
  public void unlock() {}

  @Override
  public OwnershipRecord readRecord() {
    if (may(Fault.NO_ANSWER) && choices.pick(2) == 1) {
      throw new Unreachable();
    }
    return model.record(w, p.vm());
  }

  @Override
  public NodeEntry readEntry() {
    return model.entry(w, p.vm(), p.node());
  }

  @Override
  public DomainView look() {
    long epoch = w[model.qemuEpochAt(p.vm(), p.node())];
    return switch (w[model.qemuAt(p.vm(), p.node())]) {
      case NONE -> new DomainView.Absent();
      case RUNS, SENT -> new DomainView.Active(epoch);
      default -> new DomainView.Landed(epoch);
    };
  }

  @Override
  public WriteOutcome swap(OwnershipRecord expected, OwnershipRecord next) {
    if (!model.record(w, p.vm()).equals(expected)) {
      said = "in vain";
      return WriteOutcome.CONFLICT;
    }
    boolean late = may(Fault.LATE_WRITE) && w[model.lateAt()] == 0;
    int outcome = choices.pick((may(Fault.REPLY_LOST) ? 3 : 1) + (late ? 1 : 0));
    if (outcome == 3 || outcome == 1 && !may(Fault.REPLY_LOST)) {
      said = "unheard, may come late";
      w[model.lateAt()] = model.lates.of(new Model.Late(p.vm(), expected, next));
      return WriteOutcome.UNKNOWN;
    }
    if (outcome == 2) {
      said = "not carried out";
      return WriteOutcome.UNKNOWN;
    }
    said = outcome == 1 ? "reply lost" : "";
    model.setRecord(w, p.vm(), next);
    return outcome == 1 ? WriteOutcome.UNKNOWN : WriteOutcome.APPLIED;
  }

  @Override
  public boolean writeEntry(NodeEntry.Known entry) {
    if (may(Fault.HYPERVISOR_FAILS) && choices.pick(2) == 1) {
      said = "cannot write";
      return false;
    }
    w[model.entryAt(p.vm(), p.node())] = model.entries.of(entry);
    return true;
  }

  @Override
  public StartOutcome start(long epoch) {
    int at = model.qemuAt(p.vm(), p.node());
    if (w[at] != NONE) {
      return StartOutcome.FAILED; // libvirt refuses a second domain of the name (R9)
    }
    int outcome =
        choices.pick(1 + (may(Fault.REPLY_LOST) ? 1 : 0) + (may(Fault.HYPERVISOR_FAILS) ? 1 : 0));
    if (outcome == 2 || outcome == 1 && !may(Fault.REPLY_LOST)) {
      said = "fails";
      return StartOutcome.FAILED;
    }
    model.runs(w, p.vm(), p.node(), epoch, disks.equals("D"));
    said = outcome == 1 ? "reply lost" : "";
    return outcome == 1 ? StartOutcome.UNKNOWN : StartOutcome.STARTED;
  }

  @Override
  public boolean stop(boolean now) {
    if (may(Fault.HYPERVISOR_FAILS) && choices.pick(2) == 1) {
      said = "does nothing";
      return true;
    }
    endJob();
    model.gone(w, p.vm(), p.node());
    return true;
  }

  @Override
  public boolean beginMigration(String targetNode) {
    if (may(Fault.AGENT_KILLED) && choices.pick(2) == 1) {
      throw new Killed();
    }
    int target = model.nodeOf(targetNode);
    boolean can =
        w[model.upAt(target)] == 1
            && w[model.qemuAt(p.vm(), target)] == NONE
            && w[model.qemuAt(p.vm(), p.node())] == RUNS;
    if (!can) {
      return false;
    }
    w[model.jobAt(p.vm(), p.node())] = 1 + p.at();
    w[model.qemuAt(p.vm(), target)] = INCOMING;
    w[model.qemuEpochAt(p.vm(), target)] = w[model.qemuEpochAt(p.vm(), p.node())];
    w[model.opensDiskAt(p.vm(), target)] = w[model.opensDiskAt(p.vm(), p.node())];
    w[model.freshAt(p.vm(), target)] = 0;
    return true;
  }

  @Override
  public void abortMigration() {
    endJob();
    if (w[model.qemuAt(p.vm(), p.node())] == SENT) {
      // It runs on here, so what landed is stale.
      model.runs(
          w,
          p.vm(),
          p.node(),
          w[model.qemuEpochAt(p.vm(), p.node())],
          w[model.opensDiskAt(p.vm(), p.node())] == 1);
    }
  }

  /** The job is over; its process, if it waits for it, hears that it did not succeed. */
  private void endJob() {
    int job = w[model.jobAt(p.vm(), p.node())];
    w[model.jobAt(p.vm(), p.node())] = 0;
    if (job != 0 && job != Model.ORPHAN && job != 1 + p.at()) {
      Ownership.State other = model.states.get(w[job - 1]);
      w[job - 1] =
          model.states.of(
              Ownership.step(
                      model.bounds.rules,
                      other,
                      new OwnershipEvent.MigrationEnded(OwnershipEvent.MigrationOutcome.NOT_MOVED))
                  .state());
    }
  }

  @Override
  public StartOutcome resume(long epoch) {
    if (w[model.qemuAt(p.vm(), p.node())] != LANDED) {
      return StartOutcome.FAILED;
    }
    if (w[model.freshAt(p.vm(), p.node())] == 0) {
      model.broken = "M: stale memory resumes";
    }
    model.runs(w, p.vm(), p.node(), epoch, w[model.opensDiskAt(p.vm(), p.node())] == 1);
    if (may(Fault.REPLY_LOST) && choices.pick(2) == 1) {
      said = "reply lost";
      return StartOutcome.UNKNOWN;
    }
    return StartOutcome.STARTED;
  }
}
