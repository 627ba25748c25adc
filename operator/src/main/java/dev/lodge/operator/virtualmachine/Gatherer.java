package dev.lodge.operator.virtualmachine;

import dev.lodge.api.v1alpha1.hostresource.HostResource;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.OnNodeLoss;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.SlotRole;
import dev.lodge.domain.ownership.AssignmentFacts;
import dev.lodge.domain.ownership.AssignmentFacts.Wish;
import dev.lodge.domain.ownership.ClaimedDisks;
import dev.lodge.domain.ownership.HostFacts;
import dev.lodge.domain.ownership.NameableDisks;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.domain.ownership.Slot;
import dev.lodge.operator.cache.Cluster;
import dev.lodge.operator.needs.Needs;
import dev.lodge.operator.needs.Problem;
import dev.lodge.operator.slot.SlotView;
import dev.lodge.operator.vmhost.HostReader;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Gathers what is known of a VM, for one decision after the other in a pass. */
final class Gatherer {
  private final Operations ops;
  private final VirtualMachine vm;
  private final DiskClaims claims;
  private final TreeSet<String> gone = new TreeSet<>();
  private @Nullable Needs needs;
  private boolean needsWithClaims;

  Gatherer(Operations ops, VirtualMachine vm, DiskClaims claims) {
    this.ops = ops;
    this.vm = vm;
    this.claims = claims;
  }

  /** What this pass deleted is gone, whatever a watch that is behind still shows. */
  void deleted(String uidOrClaim) {
    gone.add(uidOrClaim);
  }

  /** The slots of the VM, by name. */
  Map<String, SlotView> slots() {
    var views = new LinkedHashMap<String, SlotView>();
    for (Pod p : ops.cluster().slots.by(vm.getMetadata().getUid())) {
      if (!gone.contains(p.getMetadata().getUid())
          && !SlotView.vanishing(p)
          && Slots.isSlotOf(p, vm.getMetadata().getUid())) {
        views.put(p.getMetadata().getName(), SlotView.of(p));
      }
    }
    return views;
  }

  /** The facts, with {@code record} as this pass knows it. */
  AssignmentFacts facts(OwnershipRecord record, Map<String, SlotView> slots) {
    List<Slot> run = slots.values().stream().map(SlotView::slot).toList();
    HostFacts owner = record.nodeName() == null ? null : host(record.nodeName());
    boolean placing =
        !record.held() || owner != null && owner.provesOver(record.claimBootGeneration());
    Wish wish = Wishes.of(vm);
    Needs n = needs(placing && wish == Wish.RUN);
    return new AssignmentFacts(
        vm.getMetadata().getNamespace() + "/" + vm.getMetadata().getName(),
        vm.getMetadata().getUid(),
        record,
        wish,
        Objects.requireNonNullElse(vm.getSpec().onNodeLoss(), OnNodeLoss.Fenced),
        n.localDisk(),
        placing ? obstacle(n) : null,
        ClaimedDisks.fingerprint(NameableDisks.of(vm.getSpec(), this::resource, node(record, run))),
        n.locks(),
        claims.of(vm.getMetadata().getUid(), n.locks(), nodes()).stream()
            .filter(c -> !gone.contains(c.name()))
            .toList(),
        run,
        leavingTold(run),
        hosts(owner, run));
  }

  /** What stands in the way of a placing; null: nothing. */
  @Nullable Problem problem() {
    return needs == null || needs.problems().isEmpty() ? null : needs.problems().getFirst();
  }

  /** The needs as resolved last. */
  Needs needs() {
    return Objects.requireNonNull(needs, "facts come first");
  }

  private Needs needs(boolean withClaims) {
    Needs known = needs;
    if (known == null || withClaims && !needsWithClaims) {
      known = ops.needs().resolve(vm, new LiveLookup(ops.cluster(), ops.api(), withClaims));
      needs = known;
      needsWithClaims = withClaims;
    }
    return known;
  }

  private static @Nullable String obstacle(Needs n) {
    return n.problems().isEmpty() ? null : n.problems().getFirst().message();
  }

  private dev.lodge.api.v1alpha1.hostresource.@Nullable HostResourceSpec resource(String name) {
    HostResource r = ops.cluster().hostResources.get(null, name);
    return r == null ? null : r.getSpec();
  }

  /** The node whose paths count: the one that was chosen, or that is about to be. */
  private static String node(OwnershipRecord record, List<Slot> slots) {
    if (!record.released() && record.nodeName() != null) {
      return record.nodeName();
    }
    for (Slot s : slots) {
      if (s.epoch() == record.epoch() + 1 && s.node() != null) {
        return s.node();
      }
    }
    return "";
  }

  private boolean leavingTold(List<Slot> slots) {
    VirtualMachineStatus s = vm.getStatus();
    return s != null
        && s.slots() != null
        && s.slots().stream()
            .anyMatch(
                told ->
                    told.role() == SlotRole.Run
                        && Boolean.TRUE.equals(told.leaving())
                        && slots.stream().anyMatch(slot -> slot.uid().equals(told.uid())));
  }

  private List<String> nodes() {
    return needs().locks().isEmpty()
        ? List.of()
        : ops.cluster().hosts.all().map(h -> h.getMetadata().getName()).sorted().toList();
  }

  private List<HostFacts> hosts(@Nullable HostFacts owner, List<Slot> slots) {
    var found = new ArrayList<HostFacts>();
    if (owner != null) {
      found.add(owner);
    }
    for (Slot s : slots) {
      if (s.node() != null && found.stream().noneMatch(h -> h.name().equals(s.node()))) {
        found.add(host(s.node()));
      }
    }
    return found;
  }

  private HostFacts host(String name) {
    Cluster c = ops.cluster();
    return HostReader.of(name, c.hosts.get(null, name), c.nodes.get(null, name));
  }
}
