package dev.lodge.domain.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.common.Quantity;
import dev.lodge.api.v1alpha1.virtualmachine.Memory;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import org.junit.jupiter.api.Test;

class SpecDiffTest {
  private static VirtualMachineSpec spec(String more) {
    try {
      return new JsonMapper()
          .readValue(
              """
              {"cpu":{"count":1},"memory":{"size":"1Gi"}%s}
              """
                  .formatted(more.isEmpty() ? "" : "," + more),
              VirtualMachineSpec.class);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void equal_specs_have_no_changes() {
    assertThat(SpecDiff.diff(spec(""), spec(""))).isEmpty();
  }

  @Test
  void a_field_waits_for_a_restart_and_is_shown_with_both_values() {
    assertThat(SpecDiff.diff(spec(""), spec("\"firmware\":{\"serial\":\"X\"}")))
        .containsExactly(new SpecChange("firmware.serial", null, "X", Cost.NEXT_BOOT));
    assertThat(
            SpecDiff.diff(
                spec("\"machine\":{\"type\":\"pc\",\"clock\":\"UTC\"}"),
                spec("\"machine\":{\"type\":\"q35\",\"clock\":\"UTC\"}")))
        .containsExactly(new SpecChange("machine.type", "pc", "q35", Cost.NEXT_BOOT));
  }

  @Test
  void a_medium_and_a_link_change_live_but_a_disk_does_not() {
    String cd =
        "\"disks\":[{\"name\":\"cd\",\"device\":\"CDROM\",\"source\":{\"imageRef\":{\"name\":\"%s\"}}}]";
    assertThat(SpecDiff.diff(spec(cd.formatted("a")), spec(cd.formatted("b"))))
        .extracting(SpecChange::path, SpecChange::cost)
        .containsExactly(tuple("disks[cd].source", Cost.LIVE));
    String disk = "\"disks\":[{\"name\":\"d\",\"source\":{\"imageRef\":{\"name\":\"%s\"}}}]";
    assertThat(SpecDiff.diff(spec(disk.formatted("a")), spec(disk.formatted("b"))))
        .extracting(SpecChange::cost)
        .containsOnly(Cost.NEXT_BOOT);
    String nic = "\"interfaces\":[{\"name\":\"lan\"%s}]";
    assertThat(
            SpecDiff.diff(spec(nic.formatted("")), spec(nic.formatted(",\"linkState\":\"Down\""))))
        .containsExactly(new SpecChange("interfaces[lan].linkState", null, "Down", Cost.LIVE));
  }

  @Test
  void a_device_that_comes_or_goes_is_one_change() {
    assertThat(
            SpecDiff.diff(
                spec("\"disks\":[{\"name\":\"a\"}]"), spec("\"disks\":[{\"name\":\"b\"}]")))
        .extracting(SpecChange::path, SpecChange::current, SpecChange::desired)
        .containsExactly(
            tuple("disks[a]", "{name: a}", null), tuple("disks[b]", null, "{name: b}"));
  }

  @Test
  void user_data_is_never_shown() {
    var changes =
        SpecDiff.diff(
            spec("\"cloudInit\":{\"userData\":\"secret1\",\"networkData\":\"n\"}"),
            spec("\"cloudInit\":{\"userData\":\"secret2\",\"networkData\":\"n\"}"));
    assertThat(changes).hasSize(1);
    assertThat(changes.toString()).doesNotContain("secret");
    assertThat(SpecDiff.diff(spec(""), spec("\"cloudInit\":{\"userData\":\"secret2\"}")).toString())
        .doesNotContain("secret");
  }

  @Test
  void the_order_of_devices_alone_is_no_change() {
    assertThat(
            SpecDiff.diff(
                spec("\"disks\":[{\"name\":\"a\"},{\"name\":\"b\"}]"),
                spec("\"disks\":[{\"name\":\"b\"},{\"name\":\"a\"}]")))
        .isEmpty();
  }

  @Test
  void two_ways_to_write_one_amount_are_no_change() {
    assertThat(
            SpecDiff.diff(
                spec(""),
                new VirtualMachineSpec(
                    null,
                    null,
                    null,
                    null,
                    spec("").cpu(),
                    new Memory(Quantity.mebibytes(1024)),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null)))
        .isEmpty();
  }

  @Test
  void a_component_below_overrides_the_cost_and_is_named_as_in_yaml() {
    String disk = "\"disks\":[{\"name\":\"d\",\"retain\":\"%s\",\"clone\":\"%s\"}]";
    assertThat(
            SpecDiff.diff(
                spec(disk.formatted("Keep", "Linked")), spec(disk.formatted("Delete", "Full"))))
        .containsExactly(
            new SpecChange("disks[d].clone", "Linked", "Full", Cost.IMMUTABLE),
            new SpecChange("disks[d].retain", "Keep", "Delete", Cost.LIVE));
  }

  @Test
  void no_interfaces_is_something_else_than_nothing_said_of_them() {
    assertThat(SpecDiff.diff(spec(""), spec("\"interfaces\":[]")))
        .containsExactly(new SpecChange("interfaces", null, "[]", Cost.NEXT_BOOT));
  }

  @Test
  void only_what_costs_a_restart_awaits_it() {
    var changes =
        SpecDiff.diff(spec(""), spec("\"powerState\":\"PoweredOff\",\"hypervisor\":\"QEMU\""));
    assertThat(changes).extracting(SpecChange::path).contains("powerState", "hypervisor");
    assertThat(SpecDiff.awaiting(changes))
        .singleElement()
        .satisfies(c -> assertThat(c.path()).isEqualTo("hypervisor"));
  }
}
