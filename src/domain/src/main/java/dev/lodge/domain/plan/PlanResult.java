package dev.lodge.domain.plan;

import dev.lodge.domain.machine.MachinePlan;
import java.util.List;
import java.util.stream.Collectors;

/** What came of planning. */
public sealed interface PlanResult {

  /**
   * A machine that can be started.
   *
   * @param remarks for people: choices that a user may not expect, e.g. a cache mode that the file
   *     system forced
   */
  record Planned(MachinePlan plan, List<String> remarks) implements PlanResult {}

  /** The spec cannot be had on this host; every reason, each with its mend. */
  record Refused(List<Problem> problems) implements PlanResult {

    /** All problems, a line each. */
    public String text() {
      return problems.stream().map(Problem::text).collect(Collectors.joining("\n"));
    }
  }
}
