package dev.lodge.domain.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.common.Condition.Status;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.OnNodeLoss;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.ClaimedBy;
import dev.lodge.domain.ownership.AssignmentFacts.Wish;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AssignmentTest {
  private static final OwnershipRecord RUNS_ON_A =
      new OwnershipRecord("a", 4, ClaimedBy.Start, 2, "n", false, null, "D");
  private static final OwnershipRecord RELEASED = RUNS_ON_A.released(true);
  private static final DiskLock PVC = DiskLock.ofClaim("data", false, "123");
  private static final DiskLock NODE = DiskLock.ofNode("lv", false, "vg", "one");

  private OwnershipRecord record = OwnershipRecord.NONE;
  private Wish wish = Wish.RUN;
  private OnNodeLoss onNodeLoss = OnNodeLoss.Fenced;
  private @Nullable String localDisk;
  private @Nullable String obstacle;
  private List<DiskLock> locks = List.of();
  private List<DiskClaim> claims = List.of();
  private List<Slot> slots = List.of();
  private boolean leavingTold;
  private HostFacts a = host("a", 2, 0, true);
  private final HostFacts b = host("b", 1, 0, true);

  @Test
  void a_new_vm_takes_its_disk_then_its_slot_then_its_node() {
    locks = List.of(PVC);
    assertThat(action())
        .isEqualTo(new AssignmentAction.CreateClaim(claim("pvc-123", "", mine("data", 1))));

    claims = List.of(claim("pvc-123", "7", mine("data", 1)));
    assertThat(action()).isEqualTo(new AssignmentAction.CreateSlot(1, null, ""));

    slots = List.of(slot(1, null));
    AssignmentDecision waits = decide();
    assertThat(waits.action()).isNull();
    assertThat(waits.scheduled().status()).isEqualTo(Status.False);
    assertThat(waits.scheduled().reason()).isEqualTo(Reason.Unschedulable);
    assertThat(waits.scheduled().message()).isEqualTo("0/3 nodes are available");

    slots = List.of(slot(1, "a"));
    assertThat(action())
        .isEqualTo(
            new AssignmentAction.SetOwner(record, record.assigned("a", "D"), slots.getFirst()));
  }

  @Test
  void a_disk_of_another_vm_is_waited_for_with_its_name() {
    locks = List.of(PVC);
    claims = List.of(claim("pvc-123", "7", new DiskClaim.Holder("ns/other", "uid-9", "root", 3)));
    AssignmentDecision d = decide();
    assertThat(d.action()).isNull();
    assertThat(d.scheduled().reason()).isEqualTo(Reason.DiskInUse);
    assertThat(d.scheduled().message())
        .contains("'data' is held by VM ns/other (its disk 'root')")
        .contains("kubectl delete vmdiskclaim pvc-123");
  }

  @Test
  void vms_that_share_a_disk_hold_it_together_and_let_go_one_by_one() {
    locks = List.of(DiskLock.ofClaim("data", true, "123"));
    var other = new DiskClaim.Holder("ns/other", "uid-9", "root", 3);
    var shared = new DiskClaim("pvc-123", "7", true, List.of(other));
    claims = List.of(shared);
    assertThat(action())
        .isEqualTo(new AssignmentAction.UpdateClaim(shared, shared.with(mine("data", 1))));

    record = RELEASED;
    wish = Wish.STOP;
    DiskClaim both = shared.with(mine("data", 4));
    claims = List.of(both);
    assertThat(action()).isEqualTo(new AssignmentAction.UpdateClaim(both, shared));
  }

  @Test
  void an_exclusive_claim_is_not_shared() {
    locks = List.of(DiskLock.ofClaim("data", true, "123"));
    claims = List.of(claim("pvc-123", "7", new DiskClaim.Holder("ns/other", "uid-9", "root", 3)));
    assertThat(decide().scheduled().reason()).isEqualTo(Reason.DiskInUse);
  }

  @Test
  void a_disk_of_the_node_is_claimed_once_the_slot_is_bound() {
    locks = List.of(NODE);
    slots = List.of(slot(1, "a"));
    assertThat(action())
        .isEqualTo(new AssignmentAction.CreateClaim(claim(NODE.nameOn("a"), "", mine("lv", 1))));
  }

  @Test
  void where_another_vm_holds_the_disk_the_slot_goes_and_the_next_avoids_the_node() {
    locks = List.of(NODE);
    claims =
        List.of(claim(NODE.nameOn("a"), "7", new DiskClaim.Holder("ns/other", "uid-9", "root", 3)));
    slots = List.of(slot(1, "a"));
    AssignmentDecision d = decide();
    assertThat(d.action()).isEqualTo(new AssignmentAction.DeleteSlot(slots.getFirst(), true));
    assertThat(d.scheduled().reason()).isEqualTo(Reason.DiskInUse);

    slots = List.of();
    assertThat(action()).isEqualTo(new AssignmentAction.CreateSlot(1, null, "a"));
  }

  @Test
  void a_node_without_an_agent_gets_no_vm() {
    slots = List.of(slot(1, "c"));
    AssignmentDecision d = decide();
    assertThat(d.action()).isNull();
    assertThat(d.scheduled().reason()).isEqualTo(Reason.AgentUnavailable);
  }

  @Test
  void what_the_spec_names_and_is_not_there_is_said() {
    obstacle = "spec.disks[data]: no PersistentVolumeClaim 'data' in namespace ns";
    AssignmentDecision d = decide();
    assertThat(d.action()).isNull();
    assertThat(d.scheduled().message()).isEqualTo(obstacle);
  }

  @Test
  void a_running_vm_needs_nothing_and_says_what_a_lost_node_would_mean() {
    record = RUNS_ON_A;
    slots = List.of(slot(4, "a"));
    AssignmentDecision d = decide();
    assertThat(d.action()).isNull();
    assertThat(d.scheduled().status()).isEqualTo(Status.True);
    assertThat(failover(d).status()).isEqualTo(Status.True);
    assertThat(failover(d).reason()).isEqualTo(Reason.OnProof);

    localDisk = "root";
    assertThat(failover(decide()).reason()).isEqualTo(Reason.NodeLocalDisk);
    localDisk = null;
    onNodeLoss = OnNodeLoss.Stay;
    assertThat(failover(decide()).reason()).isEqualTo(Reason.StayAsked);
  }

  @Test
  void a_node_that_is_silent_is_not_dead() {
    record = RUNS_ON_A;
    slots = List.of(slot(4, "a"));
    a = host("a", 2, 1, false);
    AssignmentDecision d = decide();
    assertThat(d.action()).isNull();
    assertThat(d.scheduled().reason()).isEqualTo(Reason.NodeUnknown);
    assertThat(d.scheduled().message())
        .contains("node a is not ready and not proven dead")
        .contains("kubectl taint node a node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
  }

  @Test
  void with_proof_the_vm_is_given_to_another_node() {
    record = RUNS_ON_A;
    a = host("a", 2, 2, false);
    slots = List.of(slot(4, "a"));
    assertThat(action()).isEqualTo(new AssignmentAction.DeleteSlot(slots.getFirst(), false));
    slots = List.of(slot(5, "b"));
    assertThat(action())
        .isEqualTo(
            new AssignmentAction.SetOwner(record, record.assigned("b", "D"), slots.getFirst()));
  }

  @Test
  void a_new_boot_of_the_machine_is_proof_too() {
    record = RUNS_ON_A;
    a = host("a", 3, 0, true);
    slots = List.of(slot(5, "b"));
    assertThat(action()).isInstanceOf(AssignmentAction.SetOwner.class);
  }

  @Test
  void whatever_the_proof_a_vm_that_stays_waits_for_its_node() {
    record = RUNS_ON_A;
    a = host("a", 2, 2, false);
    onNodeLoss = OnNodeLoss.Stay;
    assertThat(action()).isNull();
    onNodeLoss = OnNodeLoss.Fenced;
    localDisk = "root";
    assertThat(action()).isNull();
    assertThat(decide().scheduled().message()).contains("its disk 'root' is there");
  }

  @Test
  void a_vm_with_a_disk_of_its_node_is_placed_there_again() {
    record = RELEASED;
    localDisk = "root";
    assertThat(action()).isEqualTo(new AssignmentAction.CreateSlot(5, "a", ""));
  }

  @Test
  void a_lost_slot_is_replaced_on_its_node_and_never_a_reason_to_move() {
    record = RUNS_ON_A;
    AssignmentDecision d = decide();
    assertThat(d.action()).isEqualTo(new AssignmentAction.CreateSlot(4, "a", ""));
    assertThat(d.slotLost()).isNotNull();

    Slot ended = new Slot("s", "pod", 4, "a", Slot.State.ENDED, false, null, "");
    slots = List.of(ended);
    assertThat(action()).isEqualTo(new AssignmentAction.DeleteSlot(ended, true));

    slots = List.of(slot(4, "b"));
    assertThat(action()).isEqualTo(new AssignmentAction.DeleteSlot(slots.getFirst(), true));
  }

  @Test
  void a_slot_that_is_deleted_asks_the_vm_to_leave_once() {
    record = RUNS_ON_A;
    slots = List.of(leaving(4, "a"));
    assertThat(action()).isEqualTo(new AssignmentAction.TellLeaving(record, slots.getFirst()));
    leavingTold = true;
    assertThat(decide().action()).isNull();
    assertThat(decide().scheduled().reason()).isEqualTo(Reason.Draining);
  }

  @Test
  void a_slot_that_is_deleted_before_anybody_ran_in_it_costs_its_epoch() {
    slots = List.of(leaving(1, "a"));
    assertThat(action()).isEqualTo(new AssignmentAction.Close(record, record.closed()));
  }

  @Test
  void what_nobody_has_claimed_is_taken_back_when_it_no_longer_fits() {
    record = OwnershipRecord.NONE.assigned("a", "D");
    slots = List.of(slot(1, "a"));
    assertThat(action()).isNull();

    record = OwnershipRecord.NONE.assigned("a", "other disks");
    assertThat(action()).isEqualTo(new AssignmentAction.Close(record, record.closed()));

    record = OwnershipRecord.NONE.assigned("a", "D");
    slots = List.of();
    assertThat(action()).isEqualTo(new AssignmentAction.Close(record, record.closed()));
  }

  @Test
  void a_stopped_vm_lets_go_of_slot_disk_and_finalizer() {
    record = RUNS_ON_A;
    wish = Wish.DELETE;
    slots = List.of(slot(4, "a"));
    claims = List.of(claim("pvc-123", "7", mine("data", 4)));
    assertThat(action()).as("the agent stops it first").isNull();

    record = RELEASED;
    assertThat(action()).isEqualTo(new AssignmentAction.DeleteSlot(slots.getFirst(), false));
    slots = List.of(leaving(4, "a"));
    assertThat(action()).isEqualTo(new AssignmentAction.DeleteClaim(claims.getFirst()));
    claims = List.of();
    assertThat(action()).isEqualTo(new AssignmentAction.Finish());
  }

  @Test
  void a_claim_for_an_epoch_that_was_not_given_out_is_let_go_only_after_that_epoch() {
    record = RELEASED;
    wish = Wish.STOP;
    claims = List.of(claim("pvc-123", "7", mine("data", 5)));
    assertThat(action()).isEqualTo(new AssignmentAction.Close(record, record.closed()));
    record = record.closed();
    assertThat(action()).isEqualTo(new AssignmentAction.DeleteClaim(claims.getFirst()));
  }

  @Test
  void a_claim_that_is_left_from_before_is_raised_before_it_counts() {
    record = RELEASED;
    locks = List.of(PVC);
    DiskClaim old = claim("pvc-123", "7", mine("data", 4));
    claims = List.of(old);
    assertThat(action())
        .isEqualTo(new AssignmentAction.UpdateClaim(old, old.with(mine("data", 5))));
  }

  private AssignmentDecision decide() {
    return Assignment.decide(
        new AssignmentFacts(
            "ns/vm",
            "uid-1",
            record,
            wish,
            onNodeLoss,
            localDisk,
            obstacle,
            "D",
            locks,
            claims,
            slots,
            leavingTold,
            List.of(a, b)));
  }

  private @Nullable AssignmentAction action() {
    return decide().action();
  }

  private static AssignmentDecision.Finding failover(AssignmentDecision d) {
    assertThat(d.failover()).isNotNull();
    return d.failover();
  }

  private static HostFacts host(String name, long boot, long fenced, boolean ready) {
    return new HostFacts(name, boot, fenced, ready, HostFacts.Taint.NONE, false, false);
  }

  private static DiskClaim claim(String name, String version, DiskClaim.Holder holder) {
    return new DiskClaim(name, version, false, List.of(holder));
  }

  private static DiskClaim.Holder mine(String disk, long epoch) {
    return new DiskClaim.Holder("ns/vm", "uid-1", disk, epoch);
  }

  private static Slot slot(long epoch, @Nullable String node) {
    return new Slot(
        "s" + epoch,
        "pod-" + epoch,
        epoch,
        node,
        node == null ? Slot.State.PENDING : Slot.State.BOUND,
        false,
        node == null ? "0/3 nodes are available" : null,
        "");
  }

  private static Slot leaving(long epoch, String node) {
    return new Slot("s", "pod", epoch, node, Slot.State.BOUND, true, null, "");
  }
}
