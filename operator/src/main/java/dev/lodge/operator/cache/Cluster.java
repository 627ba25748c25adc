package dev.lodge.operator.cache;

import dev.lodge.api.v1alpha1.hostresource.HostResource;
import dev.lodge.api.v1alpha1.vmaddress.VmAddress;
import dev.lodge.api.v1alpha1.vmdiskclaim.VmDiskClaim;
import dev.lodge.api.v1alpha1.vmdiskclaim.VmDiskClaimSpec.Holder;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.api.v1alpha1.vmimage.VmImage;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import dev.lodge.operator.network.AddressBook;
import dev.lodge.operator.slot.SlotNames;
import dev.lodge.operator.slot.SlotTrim;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All that the operator watches besides the VMs themselves. */
public final class Cluster {
  /** Objects in one page of a list: 10,000 pods at once are 100 MB of JSON. */
  private static final long PAGE = 500;

  public final Mirror<Pod> slots;
  public final Mirror<VmHost> hosts;
  public final Mirror<Node> nodes;
  public final Mirror<VmNetwork> networks;
  public final Mirror<VmImage> images;
  public final Mirror<HostResource> hostResources;
  public final Mirror<VmAddress> addresses;
  public final Mirror<VmDiskClaim> claims;
  public final AddressBook addressBook = new AddressBook();

  private final List<Mirror<?>> all;

  /** Who is told of changes. */
  public interface Listener {
    /** A slot of the VM changed. */
    void slot(String namespace, String vm);

    /** A node came, went, or changed in a way that matters. */
    void host(String name);

    /** Something changed that a VM may wait for: a network, an image, a resource, a disk claim. */
    void resource();
  }

  /** Not started yet. */
  public Cluster(KubernetesClient client, Listener listener, InstantSource clock) {
    slots =
        new Mirror<>(
            informer(
                client
                    .pods()
                    .inAnyNamespace()
                    .withLabel(SlotNames.VM_UID)
                    .withLimit(PAGE)
                    .runnableInformer(0),
                SlotTrim::of),
            p -> List.of(p.getMetadata().getLabels().getOrDefault(SlotNames.VM_UID, "")),
            (before, now) -> slot(listener, now == null ? before : now),
            clock);
    hosts =
        new Mirror<>(
            informer(client.resources(VmHost.class).runnableInformer(0), Trimmed::metadata),
            _ -> List.of(),
            (before, now) -> host(listener, now == null ? before : now),
            clock);
    nodes =
        new Mirror<>(
            informer(client.nodes().runnableInformer(0), NodeTrim::of),
            _ -> List.of(),
            (before, now) -> {
              // The kubelet writes its Node every few minutes with nothing new in it.
              if (before == null
                  || now == null
                  || !NodeDigest.of(before).equals(NodeDigest.of(now))) {
                host(listener, now == null ? before : now);
              }
            },
            clock);
    networks = resources(client, VmNetwork.class, listener, clock);
    images = resources(client, VmImage.class, listener, clock);
    hostResources = resources(client, HostResource.class, listener, clock);
    addresses =
        new Mirror<>(
            informer(
                client.resources(VmAddress.class).withLimit(PAGE).runnableInformer(0),
                Trimmed::metadata),
            a -> List.of(a.getSpec().parentRef().uid()),
            this::address,
            clock);
    claims =
        new Mirror<>(
            informer(
                client.resources(VmDiskClaim.class).withLimit(PAGE).runnableInformer(0),
                Trimmed::metadata),
            Cluster::holders,
            (_, now) -> {
              if (now == null) {
                listener.resource();
              }
            },
            clock);
    all = List.of(slots, hosts, nodes, networks, images, hostResources, addresses, claims);
  }

  /** Begins to watch; done once everything was listed. */
  public CompletableFuture<Void> start() {
    return CompletableFuture.allOf(
        all.stream().map(Mirror::start).toArray(CompletableFuture[]::new));
  }

  public void stop() {
    all.forEach(Mirror::stop);
  }

  /** Whether every watch is open. */
  public boolean watching() {
    return all.stream().allMatch(Mirror::watching);
  }

  private static <T extends HasMetadata> SharedIndexInformer<T> informer(
      SharedIndexInformer<T> informer, UnaryOperator<T> trim) {
    return informer.itemStore(new Trimmed<>(trim));
  }

  private static <T extends HasMetadata> Mirror<T> resources(
      KubernetesClient client, Class<T> type, Listener listener, InstantSource clock) {
    return new Mirror<>(
        informer(client.resources(type).inAnyNamespace().runnableInformer(0), Trimmed::metadata),
        _ -> List.of(),
        (before, now) -> {
          if (before == null
              || now == null
              || !java.util.Objects.equals(
                  before.getMetadata().getGeneration(), now.getMetadata().getGeneration())) {
            listener.resource();
          }
        },
        clock);
  }

  private static List<String> holders(VmDiskClaim c) {
    var uids = new ArrayList<String>();
    uids.add(c.getSpec().holder().uid());
    for (Holder h : c.getSpec().sharers() == null ? List.<Holder>of() : c.getSpec().sharers()) {
      uids.add(h.uid());
    }
    return uids;
  }

  private static void slot(Listener listener, @Nullable Pod pod) {
    if (pod != null && pod.getMetadata().getLabels() != null) {
      String vm = pod.getMetadata().getLabels().get(SlotNames.VM);
      if (vm != null) {
        listener.slot(pod.getMetadata().getNamespace(), vm);
      }
    }
  }

  private static void host(Listener listener, @Nullable HasMetadata host) {
    if (host != null) {
      listener.host(host.getMetadata().getName());
    }
  }

  private void address(@Nullable VmAddress before, @Nullable VmAddress now) {
    if (now != null) {
      addressBook.seen(now);
    } else if (before != null) {
      addressBook.gone(before);
    }
  }
}
