package dev.lodge.operator.slot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlotPodTest {
  private static final String UID = "0a1b2c3d-0000-4000-8000-000000000001";
  private final SlotPod slots =
      new SlotPod(new SlotPod.Settings("img", "Never", null, new SlotSize(4, 160L << 20), false));

  private static VirtualMachine vm(String spec) throws Exception {
    var vm = new VirtualMachine();
    vm.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("ns")
            .withName("web")
            .withUid(UID)
            .withLabels(Map.of("app", "shop", SlotNames.VM, "forged"))
            .build());
    vm.setSpec(new ObjectMapper().readValue(spec, VirtualMachineSpec.class));
    return vm;
  }

  @Test
  void a_slot_sleeps_as_nobody_without_token_and_counts_what_the_vm_takes() throws Exception {
    // Given
    VirtualMachine vm =
        vm(
            "{\"cpu\":{\"count\":2},\"memory\":{\"size\":\"512Mi\"},\"stop\":{\"gracePeriodSeconds\":30}}");

    // When
    Pod pod = slots.of(vm, 7, List.of(), null, "");

    // Then
    assertThat(pod.getMetadata().getName()).isEqualTo("web-0a1b2c3d-7");
    assertThat(pod.getMetadata().getLabels())
        .containsEntry("app", "shop")
        .containsEntry(SlotNames.VM, "web")
        .containsEntry(SlotNames.VM_UID, UID)
        .containsEntry(SlotNames.ON_DRAIN, "Stop");
    assertThat(pod.getMetadata().getFinalizers()).isEmpty();
    assertThat(pod.getMetadata().getOwnerReferences())
        .singleElement()
        .satisfies(
            o -> {
              assertThat(o.getUid()).isEqualTo(UID);
              assertThat(o.getController()).isTrue();
              assertThat(o.getBlockOwnerDeletion()).isTrue();
            });
    var spec = pod.getSpec();
    assertThat(spec.getTerminationGracePeriodSeconds()).isEqualTo(330);
    assertThat(spec.getAutomountServiceAccountToken()).isFalse();
    assertThat(spec.getEnableServiceLinks()).isFalse();
    assertThat(spec.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(spec.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(spec.getContainers().getFirst().getSecurityContext().getCapabilities().getDrop())
        .containsExactly("ALL");
    assertThat(spec.getContainers().getFirst().getCommand())
        .containsExactly("/bin/sleep", "infinity");
    assertThat(spec.getContainers().getFirst().getResources().getRequests().get("cpu").toString())
        .isEqualTo("500m");
    assertThat(
            spec.getContainers().getFirst().getResources().getRequests().get("memory").toString())
        .as("512 + 1 of page tables + 160 + 2 * 3")
        .isEqualTo("679Mi");
    assertThat(spec.getTolerations())
        .extracting(t -> t.getKey() + "/" + t.getTolerationSeconds())
        .containsExactly(
            "node.kubernetes.io/not-ready/null", "node.kubernetes.io/unreachable/null");
    assertThat(spec.getNodeSelector())
        .containsEntry("lodge.dev/ready", "true")
        .containsEntry("lodge.dev/kvm", "true");
  }

  @Test
  void volumes_are_where_the_agent_looks_for_them() throws Exception {
    // Given
    List<SlotVolume> volumes =
        List.of(
            new SlotVolume.Claim("data", "pvc-a", false, false),
            new SlotVolume.Claim("raw", "pvc-b", true, true),
            new SlotVolume.Image("/lodge/images/root", "quay.io/x:1", "pull"),
            new SlotVolume.CloudInitSecret("user"));

    // When
    Pod pod =
        slots.of(
            vm("{\"cpu\":{\"count\":1},\"memory\":{\"size\":\"64Mi\"}}"), 1, volumes, null, "");

    // Then
    var c = pod.getSpec().getContainers().getFirst();
    assertThat(c.getVolumeMounts())
        .extracting(m -> m.getMountPath())
        .containsExactly("/lodge/volumes/data", "/lodge/images/root", "/lodge/cloud-init");
    assertThat(c.getVolumeDevices())
        .extracting(d -> d.getDevicePath())
        .containsExactly("/lodge/volumes/raw");
    assertThat(pod.getSpec().getImagePullSecrets())
        .extracting(s -> s.getName())
        .containsExactly("pull");
    assertThat(SlotView.of(pod).volumesReady()).as("nothing is mounted yet").isFalse();
  }

  @Test
  void placement_and_pinning_both_hold_and_a_pinned_machine_type_is_asked_for() throws Exception {
    // Given
    VirtualMachine vm =
        vm(
            """
            {"cpu":{"count":1,"model":"Haswell"},"memory":{"size":"64Mi"},"placement":{
              "nodeSelector":{"disk":"ssd"},"priorityClassName":"p","schedulerName":"s",
              "tolerations":[{"key":"gpu","operator":"Exists"}],
              "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
                {"matchExpressions":[{"key":"zone","operator":"In","values":["a"]}]},
                {"matchExpressions":[{"key":"zone","operator":"In","values":["b"]}]}]}}}}}
            """);
    vm.setStatus(
        new ObjectMapper()
            .readValue(
                "{\"hardware\":{\"machineType\":\"pc-q35-7.2\"}}", VirtualMachineStatus.class));

    // When
    var spec = slots.of(vm, 2, List.of(), "n1", "n2,n3").getSpec();

    // Then
    var terms =
        spec.getAffinity()
            .getNodeAffinity()
            .getRequiredDuringSchedulingIgnoredDuringExecution()
            .getNodeSelectorTerms();
    assertThat(terms).hasSize(2);
    assertThat(terms)
        .allSatisfy(
            t -> {
              assertThat(t.getMatchExpressions()).hasSize(1);
              assertThat(t.getMatchFields())
                  .extracting(f -> f.getOperator() + f.getValues())
                  .containsExactly("In[n1]", "NotIn[n2]", "NotIn[n3]");
            });
    assertThat(spec.getNodeSelector())
        .containsEntry("disk", "ssd")
        .containsEntry("machine-type.lodge.dev/pc-q35-7.2", "true")
        .containsEntry("cpu-model.lodge.dev/Haswell", "true");
    assertThat(spec.getPriorityClassName()).isEqualTo("p");
    assertThat(spec.getSchedulerName()).isEqualTo("s");
    assertThat(spec.getTolerations()).extracting(t -> t.getKey()).contains("gpu");
  }

  @Test
  void an_emulated_guest_needs_no_kvm_and_a_model_that_is_not_checked_no_label() throws Exception {
    // Given
    VirtualMachine emulated =
        vm("{\"hypervisor\":\"QEMU\",\"cpu\":{\"count\":1},\"memory\":{\"size\":\"64Mi\"}}");
    VirtualMachine unchecked =
        vm(
            "{\"cpu\":{\"count\":1,\"model\":\"qemu32\",\"check\":\"None\"},\"memory\":{\"size\":\"64Mi\"}}");

    // When / Then
    assertThat(slots.asksFor(emulated)).isEqualTo("lodge.dev/ready");
    assertThat(slots.asksFor(unchecked)).isEqualTo("lodge.dev/kvm, lodge.dev/ready");
  }

  @Test
  void a_name_is_cut_to_what_a_host_name_may_be() {
    // Given
    String vm = "a".repeat(50) + ".b" + "c".repeat(11);

    // When
    String name = SlotNames.pod(vm, UID, 12);

    // Then
    assertThat(name).hasSize(62).endsWith("-0a1b2c3d-12").doesNotContain(".-");
  }
}
