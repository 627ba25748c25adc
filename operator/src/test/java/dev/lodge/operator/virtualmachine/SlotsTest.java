package dev.lodge.operator.virtualmachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.ClaimedBy;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.domain.ownership.Slot;
import dev.lodge.operator.slot.SlotNames;
import dev.lodge.operator.slot.SlotView;
import org.junit.jupiter.api.Test;

class SlotsTest {
  private static final OwnershipRecord HELD =
      new OwnershipRecord("n1", 4, ClaimedBy.Start, 1, "nonce", false, null, null);

  @Test
  void a_leaving_slot_in_which_a_guest_may_run_has_its_grace() {
    assertThat(Slots.waitsForNothing(slot(4, true, 300), HELD)).isFalse();
  }

  @Test
  void one_in_which_no_guest_can_be_has_none() {
    assertThat(Slots.waitsForNothing(slot(3, true, 300), HELD)).isTrue();
    assertThat(Slots.waitsForNothing(slot(5, true, 300), HELD)).isTrue();
    assertThat(Slots.waitsForNothing(slot(4, true, 300), HELD.released(true))).isTrue();
    assertThat(Slots.waitsForNothing(slot(1, true, 300), OwnershipRecord.NONE)).isTrue();
  }

  @Test
  void what_is_not_leaving_or_cut_already_is_left_alone() {
    assertThat(Slots.waitsForNothing(slot(3, false, 0), HELD)).isFalse();
    assertThat(Slots.waitsForNothing(slot(3, true, 1), HELD)).isFalse();
  }

  @Test
  void the_epoch_is_in_the_name_which_nobody_can_change() {
    assertThat(SlotNames.epoch(SlotNames.pod("web", "0a1b2c3d-0000", 12))).isEqualTo(12);
    assertThat(SlotNames.epoch("web-0a1b2c3d-0")).isZero();
    assertThat(SlotNames.epoch("web")).isZero();
    assertThat(SlotNames.epoch("web-99999999999999999999")).isZero();
  }

  private static SlotView slot(long epoch, boolean leaving, long grace) {
    return new SlotView(
        new Slot("s", "u", epoch, "n1", Slot.State.BOUND, leaving, null, ""),
        false,
        true,
        "Stop",
        grace);
  }
}
