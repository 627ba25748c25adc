package dev.lodge.operator.slot;

import dev.lodge.api.v1alpha1.virtualmachine.Placement;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.OnDrain;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The slot pod of a VM: a process that sleeps in the VM's place, passes the restricted Pod Security
 * level, and does not end when it is told to.
 *
 * <p>It has no finalizer: that holds neither volumes nor reservation (the kubelet ignores it), and
 * what it would tell, that a VM may still run, the record in the VM's status tells. PID 1 that
 * knows no SIGTERM holds both, for the grace of stop and migration. It is restarted if it dies by
 * accident: so the volumes stay mounted under the guest.
 */
public final class SlotPod {
  /** For a migration, beyond the time that the guest has to stop. */
  private static final int MIGRATION_SECONDS = 300;

  private static final int STOP_SECONDS = 60;
  private static final long NOBODY = 65532;

  private final Settings settings;

  /**
   * @param image with {@code /bin/sleep}
   * @param runtimeClass null: the node's default
   * @param emulationAllowed for VMs that did not ask for it
   */
  public record Settings(
      String image,
      String pullPolicy,
      @Nullable String runtimeClass,
      SlotSize size,
      boolean emulationAllowed) {}

  public SlotPod(Settings settings) {
    this.settings = settings;
  }

  /**
   * The pod for an epoch.
   *
   * @param volumes that the kubelet shall bring
   * @param pinnedTo the only node allowed; null: the scheduler chooses
   * @param avoids nodes that are not allowed, joined by a comma; empty: none
   */
  public Pod of(
      VirtualMachine vm,
      long epoch,
      List<SlotVolume> volumes,
      @Nullable String pinnedTo,
      String avoids) {
    VirtualMachineSpec spec = vm.getSpec();
    Placement placement = spec.placement();
    SlotVolumes mounts = SlotVolumes.of(volumes);
    var pod =
        new PodSpecBuilder()
            .withContainers(container(spec, mounts))
            .withVolumes(mounts.volumes())
            .withImagePullSecrets(pullSecrets(volumes))
            .withNodeSelector(NodeNeeds.selector(spec, vm.getStatus(), settings.emulationAllowed()))
            .withAffinity(
                SlotPlacement.affinity(
                    placement, pinnedTo, avoids.isEmpty() ? List.of() : List.of(avoids.split(","))))
            .withTolerations(SlotPlacement.tolerations(placement))
            .withTopologySpreadConstraints(SlotPlacement.spread(placement))
            .withRuntimeClassName(settings.runtimeClass())
            .withTerminationGracePeriodSeconds((long) stopSeconds(spec) + MIGRATION_SECONDS)
            .withRestartPolicy("Always")
            .withAutomountServiceAccountToken(false)
            .withEnableServiceLinks(false)
            .withNewSecurityContext()
            .withRunAsNonRoot(true)
            .withRunAsUser(NOBODY)
            .withRunAsGroup(NOBODY)
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile()
            .endSecurityContext();
    if (placement != null) {
      pod.withPriorityClassName(placement.priorityClassName());
      if (placement.schedulerName() != null) {
        pod.withSchedulerName(placement.schedulerName());
      }
    }
    return new PodBuilder().withMetadata(metadata(vm, epoch, avoids)).withSpec(pod.build()).build();
  }

  /** The node labels that Lodge adds to what the user asks for, for people. */
  public String asksFor(VirtualMachine vm) {
    var keys =
        new ArrayList<>(
            NodeNeeds.selector(vm.getSpec(), vm.getStatus(), settings.emulationAllowed()).keySet());
    keys.removeIf(k -> !k.contains("lodge.dev/"));
    return String.join(", ", keys);
  }

  /** The value of the label by which a drain finds out whether it may evict. */
  public static String onDrain(VirtualMachineSpec spec) {
    return Objects.requireNonNullElse(spec.onDrain(), OnDrain.Stop).name();
  }

  private static int stopSeconds(VirtualMachineSpec spec) {
    return spec.stop() == null || spec.stop().gracePeriodSeconds() == null
        ? STOP_SECONDS
        : spec.stop().gracePeriodSeconds();
  }

  private static ObjectMeta metadata(VirtualMachine vm, long epoch, String avoids) {
    ObjectMeta of = vm.getMetadata();
    var labels = new TreeMap<String, String>();
    if (of.getLabels() != null) {
      labels.putAll(of.getLabels());
    }
    labels.put(SlotNames.VM, of.getName());
    labels.put(SlotNames.VM_UID, of.getUid());
    labels.put(SlotNames.ON_DRAIN, onDrain(vm.getSpec()));
    var annotations = new TreeMap<String, String>();
    if (!avoids.isEmpty()) {
      annotations.put(SlotNames.AVOIDS, avoids);
    }
    return new ObjectMetaBuilder()
        .withNamespace(of.getNamespace())
        .withName(SlotNames.pod(of.getName(), of.getUid(), epoch))
        .withLabels(labels)
        .withAnnotations(annotations)
        .withOwnerReferences(
            new OwnerReferenceBuilder()
                .withApiVersion(vm.getApiVersion())
                .withKind(vm.getKind())
                .withName(of.getName())
                .withUid(of.getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build())
        .build();
  }

  private Container container(VirtualMachineSpec spec, SlotVolumes mounts) {
    return new ContainerBuilder()
        .withName(SlotNames.CONTAINER)
        .withImage(settings.image())
        .withImagePullPolicy(settings.pullPolicy())
        .withCommand("/bin/sleep", "infinity")
        .withVolumeMounts(mounts.mounts())
        .withVolumeDevices(mounts.devices())
        .withNewResources()
        .withRequests(requests(spec))
        .endResources()
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withCapabilities(new Capabilities(null, List.of("ALL")))
        .endSecurityContext()
        .build();
  }

  private Map<String, io.fabric8.kubernetes.api.model.Quantity> requests(VirtualMachineSpec spec) {
    return settings.size().requests(spec, NodeNeeds.emulated(spec));
  }

  private static List<LocalObjectReference> pullSecrets(List<SlotVolume> volumes) {
    var names = new ArrayList<String>();
    for (SlotVolume v : volumes) {
      if (v instanceof SlotVolume.Image i
          && i.pullSecret() != null
          && !names.contains(i.pullSecret())) {
        names.add(i.pullSecret());
      }
    }
    return names.stream().map(LocalObjectReference::new).toList();
  }
}
