package dev.lodge.operator.vmhost;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.api.v1alpha1.vmhost.VmHostStatus;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeLabelsTest {
  @Test
  void labels_follow_what_the_host_can_do_and_touch_nobody_elses() throws Exception {
    // Given
    var host = new VmHost();
    host.setStatus(
        new ObjectMapper()
            .readValue(
                """
                {"capabilities":{"kvm":false,"machineTypes":["pc-q35-7.2"],"cpuModels":["qemu64","no good"]},
                 "conditions":[{"type":"Ready","status":"True","reason":"Available","message":"","lastTransitionTime":"t"}]}
                """,
                VmHostStatus.class));

    // When
    var change =
        NodeLabels.change(
            NodeLabels.of(host),
            Map.of(
                "lodge.dev/kvm", "true",
                "lodge.dev/ready", "true",
                "machine-type.lodge.dev/pc-q35-6.0", "true",
                "zone", "a"));

    // Then
    assertThat(change)
        .containsOnly(
            Map.entry("cpu-model.lodge.dev/qemu64", "true"),
            Map.entry("machine-type.lodge.dev/pc-q35-7.2", "true"),
            new java.util.AbstractMap.SimpleEntry<>("lodge.dev/kvm", null),
            new java.util.AbstractMap.SimpleEntry<>("machine-type.lodge.dev/pc-q35-6.0", null));
  }
}
