package dev.lodge.domain.ownership;

/**
 * The operator's side of the protocol for one VM: from what is known, one next action (R1, R10,
 * R11).
 */
public final class Assignment {
  private Assignment() {}

  /** Decides; pure. */
  public static AssignmentDecision decide(AssignmentFacts facts) {
    return new AssignmentPass(Rules.ALL, facts).decide();
  }
}
