package dev.lodge.operator.virtualmachine;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.domain.ownership.OwnershipRecord;
import dev.lodge.operator.cache.Cluster;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** From changes in the cluster to the VMs that must be looked at. */
public final class Wakeups implements Cluster.Listener {
  private static final String BY_NODE = "node";

  private final SimpleInboundEventSource<VirtualMachine> source =
      new SimpleInboundEventSource<>("cluster");
  private final Set<ResourceID> waiting = ConcurrentHashMap.newKeySet();
  private volatile @Nullable IndexerResourceCache<VirtualMachine> vms;
  private volatile boolean started;
  private volatile Consumer<String> hosts = _ -> {};

  EventSource<?, VirtualMachine> attach(EventSourceContext<VirtualMachine> context) {
    IndexerResourceCache<VirtualMachine> cache = context.getPrimaryCache();
    cache.addIndexers(
        Map.of(
            BY_NODE,
            vm ->
                vm.getStatus() == null || vm.getStatus().nodeName() == null
                    ? List.of()
                    : List.of(vm.getStatus().nodeName())));
    vms = cache;
    return source;
  }

  /** From now on changes wake; before, every VM is looked at anyway. */
  public void started() {
    started = true;
  }

  /** Whether a VM waits for something that others may bring. */
  void waits(ResourceID vm, boolean yes) {
    if (yes) {
      waiting.add(vm);
    } else {
      waiting.remove(vm);
    }
  }

  @Override
  public void slot(String namespace, String vm) {
    wake(new ResourceID(vm, namespace));
  }

  @Override
  public void host(String name) {
    IndexerResourceCache<VirtualMachine> cache = vms;
    if (started) {
      hosts.accept(name);
    }
    if (started && cache != null) {
      cache.byIndex(BY_NODE, name).forEach(vm -> wake(ResourceID.fromResource(vm)));
    }
  }

  @Override
  public void resource() {
    waiting.forEach(this::wake);
  }

  /** Whether a VM's record names the node as one that may run it. */
  public boolean holdsVms(String node) {
    IndexerResourceCache<VirtualMachine> cache = vms;
    return cache == null
        || cache.byIndex(BY_NODE, node).stream()
            .anyMatch(vm -> vm.getStatus() != null && OwnershipRecord.of(vm.getStatus()).held());
  }

  /** Also told of nodes that changed. */
  public void hosts(Consumer<String> listener) {
    hosts = listener;
  }

  /** How many VMs wait for something, for the metrics. */
  public int waiting() {
    return waiting.size();
  }

  private void wake(ResourceID vm) {
    if (started) {
      source.propagateEvent(vm);
    }
  }
}
