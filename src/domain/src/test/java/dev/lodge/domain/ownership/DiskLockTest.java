package dev.lodge.domain.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DiskLockTest {
  @Test
  void the_name_is_the_lock() {
    assertThat(DiskLock.ofClaim("d", false, "0-1").nameOn("a")).isEqualTo("pvc-0-1");
    assertThat(DiskLock.ofShared("d", false, "san", "x").nameOn("a"))
        .isEqualTo(DiskLock.ofShared("e", true, "san", "x").nameOn("b"))
        .matches("hr-san-[0-9a-f]{16}");
    DiskLock node = DiskLock.ofNode("d", false, "vg", "x");
    assertThat(node.nameOn("a")).matches("hr-vg-a-[0-9a-f]{16}").isNotEqualTo(node.nameOn("b"));
  }

  @Test
  void names_that_are_too_long_are_cut_and_stay_apart() {
    String resource = "r".repeat(250);
    DiskLock one = DiskLock.ofNode("d", false, resource, "x");
    String a = one.nameOn("n".repeat(250) + "a");
    assertThat(a).hasSizeLessThanOrEqualTo(253).isNotEqualTo(one.nameOn("n".repeat(250) + "b"));
    assertThat(DiskLock.ofShared("d", false, resource, "x").nameOn(""))
        .hasSizeLessThanOrEqualTo(253);
  }

  @Test
  void the_fingerprint_tells_other_disks() {
    var one = new ClaimedDisks.Nameable("d", "pvc/x", false);
    assertThat(ClaimedDisks.fingerprint(List.of(one)))
        .hasSizeLessThanOrEqualTo(64)
        .isEqualTo(
            ClaimedDisks.fingerprint(List.of(new ClaimedDisks.Nameable("d", "pvc/x", false))))
        .isNotEqualTo(ClaimedDisks.fingerprint(List.of()))
        .isNotEqualTo(
            ClaimedDisks.fingerprint(List.of(new ClaimedDisks.Nameable("d", "pvc/y", false))));
  }
}
