package dev.lodge.domain.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.ownership.Bounds.Fault;
import dev.lodge.domain.ownership.Rules.Rule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What each rule is for: without it the same search finds a way to break an invariant. {@code
 * -Dlodge.explore.paths=true} tells each way.
 */
class OwnershipMutationTest {
  private static final int MOST_STATES = 2_000_000;

  @ParameterizedTest
  @EnumSource(Rule.class)
  void without_it_a_counterexample_appears_and_with_it_none(Rule rule) {
    Explorer.Found without = search(bounds(rule).without(rule), rule, MOST_STATES);
    System.out.println(rule + ": " + without);
    if (Boolean.getBoolean("lodge.explore.paths")) {
      without.path().forEach(step -> System.out.println("    " + shorter(step)));
    }
    assertThat(without.violation()).as("without %s: %s", rule, without).isNotNull();

    Explorer.Found with = search(bounds(rule), rule, without.states() + 1000);
    assertThat(with.violation()).as("with %s: %s", rule, with.path()).isNull();
  }

  private static Explorer.Found search(Bounds bounds, Rule rule, int most) {
    var model = new Model(bounds);
    return new Explorer(model, most).explore(start(model, rule));
  }

  /** Most stories begin when the VM runs. */
  private static int[] start(Model model, Rule rule) {
    return switch (rule) {
      case R1_REASSIGN_ON_PROOF, R2_CLAIM_BEFORE_START, R11_CLAIM_DISKS, R11_CLAIMED_DISKS_ONLY ->
          model.initial();
      default -> Convergence.running(model);
    };
  }

  private static Bounds bounds(Rule rule) {
    var two = new int[][] {{1, 0}, {0, 1}};
    return switch (rule) {
      case R1_REASSIGN_ON_PROOF -> new Bounds();
      case R2_CLAIM_BEFORE_START, R10_LOST_SLOT_STAYS -> new Bounds().with(Fault.SLOT_LOST);
      case R3_PROOF_NAMES_BOOT, R3_TAINT_PROVES_ONCE, R3_TAINT_OF_EARLIER_BOOT ->
          new Bounds().with(Fault.POWER, Fault.TAINT).boots(2);
      case R4_ENTRY_BEFORE_RELEASE ->
          new Bounds().with(Fault.LATE_WRITE, Fault.AGENT_KILLED, Fault.WISH_STOP);
      case R4_HOST_LOCK ->
          new Bounds().processes(new int[] {2, 1}).with(Fault.WISH_STOP, Fault.GUEST_DIES);
      case R5_SAME_BOOT -> new Bounds().with(Fault.POWER).boots(2);
      case R6_RESUME_AFTER_HAND_OVER, R7_CLAIMED_BY ->
          new Bounds().with(Fault.MIGRATION, Fault.GUEST_DIES, Fault.WISH_STOP);
      case R7_EPOCH_AND_BOOT ->
          new Bounds().with(Fault.MIGRATION, Fault.POWER, Fault.AGENT_KILLED).boots(2).epochs(4);
      case R8_HOLD, R8_HAND_OVER_UNDER_HOLD ->
          new Bounds().processes(new int[] {2, 1}).with(Fault.MIGRATION, Fault.GUEST_DIES);
      case R11_CLAIM_DISKS -> new Bounds().processes(two).disk();
      case R11_CLAIM_EPOCH ->
          new Bounds().processes(two).disk().oldLeaderOf(0).with(Fault.WISH_STOP).epochs(2);
      case R11_CLAIMED_DISKS_ONLY -> new Bounds().processes(two).disk().with(Fault.SPEC_EDIT);
    };
  }

  /** Records in few letters. */
  private static String shorter(String step) {
    return step.replaceAll(
        "OwnershipRecord.nodeName=(\\w+), epoch=(\\d), claimedBy=(\\w+), claimBootGeneration=(\\d), claimNonce=([-\\w]+), released=(\\w+), migration=",
        "[$1 e$2 $3 b$4 released=$6 ");
  }
}
