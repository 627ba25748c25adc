package dev.lodge.agent.cluster;

import dev.lodge.agent.hostfile.QemuUser;
import dev.lodge.agent.hostfile.References;
import dev.lodge.agent.image.ImageLimits;
import dev.lodge.agent.image.ImageState;
import dev.lodge.agent.image.ImageStore;
import dev.lodge.agent.image.Trees;
import dev.lodge.agent.kube.ClusterStore;
import dev.lodge.agent.kube.KubeApi;
import dev.lodge.agent.log.Log;
import dev.lodge.agent.network.HostRoutes;
import dev.lodge.agent.reconcile.NodeRecords;
import dev.lodge.agent.reconcile.VmEvents;
import dev.lodge.agent.reconcile.VmMetrics;
import dev.lodge.agent.reconcile.VmPreparer;
import dev.lodge.agent.reconcile.VmReconciler;
import dev.lodge.agent.reconcile.WorkLoop;
import dev.lodge.agent.storage.Brought;
import dev.lodge.agent.storage.DiskLocks;
import dev.lodge.agent.storage.DiskProvisioner;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.agent.store.UnreachableException;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.ownership.Host;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One node of a cluster, over any hypervisor: what the agent is, and what a bench runs many of in
 * one process.
 */
public final class ClusterNode implements AutoCloseable {
  private static final Duration REGISTER_RETRY = Duration.ofSeconds(2);
  private static final Duration REFUSED_RETRY = Duration.ofSeconds(15);
  private static final Duration COLLECT_EVERY = Duration.ofHours(1);

  /** Images that are deleted together are collected together. */
  private static final Duration COLLECT_SOON = Duration.ofSeconds(30);

  private static final Duration NETWORKS_RETRY = Duration.ofSeconds(30);
  private static final int VM_THREADS = 6;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Identity identity;
  private final Surroundings world;
  private final ClusterStore store;
  private final Thread joining;
  private volatile String missing = "not registered at the API server yet";
  private volatile @Nullable VmReconciler vms;
  private volatile @Nullable WorkLoop<String> chores;
  private volatile String libvirt = "libvirt is not reached yet";

  /** Who the node is. */
  public record Identity(
      String nodeName, String namespace, String machineId, String bootId, String version) {}

  /**
   * What the node works with.
   *
   * @param locks of disks, shared by all agents of the host
   * @param hostPaths what of the host is mounted in the agent's pod; null: it is in none
   */
  public record Surroundings(
      KubeApi api,
      Hypervisor hypervisor,
      Path state,
      Path locks,
      @Nullable List<Path> hostPaths,
      Slots slots,
      VmEvents events,
      VmMetrics metrics,
      Clock clock) {}

  private ClusterNode(Identity identity, Surroundings world) {
    this.identity = identity;
    this.world = world;
    this.store = new ClusterStore(world.api(), identity.nodeName());
    this.joining =
        Thread.ofPlatform().daemon().name("lodge-join").unstarted(this::registerThenServe);
  }

  /**
   * Begins; {@link #missing} tells how far it has come. Guests that run go on running.
   *
   * @throws IOException the state directory cannot be made
   */
  public static ClusterNode start(Identity identity, Surroundings world) throws IOException {
    Trees.make(world.state(), Trees.ENTER);
    var node = new ClusterNode(identity, world);
    node.joining.start();
    return node;
  }

  /** What the node knows of the cluster. */
  public ClusterStore store() {
    return store;
  }

  /** Why the node cannot do its work now, for people; empty: it can. */
  public Optional<String> missing() {
    VmReconciler reconciler = vms;
    if (!missing.isEmpty() || reconciler == null) {
      return Optional.of(missing);
    }
    if (!libvirt.isEmpty()) {
      return Optional.of(libvirt);
    }
    if (!store.complete()) {
      return Optional.of("the API server has not told of all VMs yet");
    }
    List<ObjectKey> unseen = reconciler.unseen();
    return unseen.isEmpty()
        ? Optional.empty()
        : Optional.of(unseen.size() + " VM(s) not looked at yet, e.g. " + unseen.getFirst());
  }

  private void registerThenServe() {
    String nonce = UUID.randomUUID().toString();
    var registrar =
        new HostRegistrar(
            world.api(),
            store,
            identity.nodeName(),
            identity.machineId(),
            identity.bootId(),
            nonce,
            identity.version(),
            new NodeFile(world.state().resolve("node.json")));
    try {
      while (true) {
        try {
          serve(registrar, registrar.register(), nonce);
          return;
        } catch (HostRegistrar.RefusedException e) {
          tell("this node is not served: " + e.getMessage());
          Thread.sleep(REFUSED_RETRY);
        } catch (UnreachableException e) {
          tell("not registered at the API server yet: " + e.getMessage());
          Thread.sleep(REGISTER_RETRY);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      tell("cannot start: " + e.getMessage());
      Log.fault("agent", e);
    }
  }

  private void tell(String why) {
    if (!missing.equals(why)) {
      missing = why;
      Log.warn("agent", why);
    }
  }

  private void serve(HostRegistrar registrar, HostRegistrar.Registered registered, String nonce)
      throws IOException {
    Hypervisor hypervisor = world.hypervisor();
    Path vmDirectory = world.state().resolve("vms");
    var references =
        new References(store::get, new References.Node(identity.nodeName(), world.hostPaths()));
    ImageStore images =
        closing(
            new ImageStore(
                world.state().resolve("images"),
                references,
                ImageLimits.DEFAULT,
                (image, state) -> {
                  if (state instanceof ImageState.Present || state instanceof ImageState.Failed) {
                    wakeAll();
                  }
                }));
    DiskProvisioner disks =
        closing(
            new DiskProvisioner(
                world.state(), references, images, QemuUser.detect(), _ -> wakeAll()));
    disks.warning().ifPresent(w -> Log.warn("storage", w));
    var networks = new ClusterNetworks(store, hypervisor, registrar, HostRoutes::read);
    DiskLocks locks = closing(new DiskLocks(world.locks()));
    var preparer =
        new VmPreparer(
            hypervisor, disks, locks, networks, vmDirectory, (vm, status) -> brought(vm, status));
    var host =
        new Host(
            identity.nodeName(),
            registered.bootGeneration(),
            registered.fencedThrough(),
            nonce,
            false);
    VmReconciler reconciler =
        closing(
            new VmReconciler(
                new VmReconciler.Surroundings(
                    host,
                    store,
                    new NodeRecords(vmDirectory, LodgeJson.mapper()),
                    hypervisor,
                    preparer,
                    world.events(),
                    world.metrics(),
                    world.clock(),
                    registrar,
                    world.slots()),
                VM_THREADS));
    vms = reconciler;
    HostReport report =
        closing(
            new HostReport(
                store, registrar.key(), registered.hostUid(), hypervisor, world.clock()));
    chores =
        closing(
            new WorkLoop<>(
                "chores",
                1,
                what -> chore(what, networks, disks),
                fault -> Log.fault("chores", fault)));
    closing(
        new Heartbeat(world.api(), identity.namespace(), identity.nodeName(), nonce, world.clock())
            .start());
    follow(reconciler, networks, images);
    hypervisor.listen(event -> heard(event, reconciler, report));
    missing = "";
    Log.info(
        "agent",
        "registered",
        "node",
        identity.nodeName(),
        "bootGeneration",
        Long.toString(registered.bootGeneration()));
  }

  /** What the slot on this node has; several only while one takes over from another. */
  private Brought brought(StoredObject vm, VirtualMachineStatus status) {
    String podUid = "";
    for (VirtualMachineStatus.Slot s :
        status.slots() == null ? List.<VirtualMachineStatus.Slot>of() : status.slots()) {
      boolean here = s.nodeName() == null || s.nodeName().equals(identity.nodeName());
      if (s.role() == VirtualMachineStatus.SlotRole.Run
          && here
          && !Boolean.TRUE.equals(s.leaving())) {
        podUid = s.uid();
      }
    }
    return world.slots().brought(podUid, () -> wake(vm.key()));
  }

  private void wake(ObjectKey key) {
    VmReconciler reconciler = vms;
    if (reconciler != null) {
      reconciler.wake(key);
    }
  }

  private static final String NETWORKS = "networks";
  private static final String IMAGES = "images";

  private void chore(String what, ClusterNetworks networks, DiskProvisioner disks) {
    if (what.equals(NETWORKS)) {
      if (!networks.settle()) {
        later(NETWORKS, NETWORKS_RETRY);
      }
      return;
    }
    collect(disks);
    later(IMAGES, COLLECT_EVERY);
  }

  private void later(String chore, Duration delay) {
    WorkLoop<String> loop = chores;
    if (loop != null) {
      loop.wakeIn(chore, delay);
    }
  }

  /** Images of objects that are gone; not before all of them were seen. */
  private void collect(DiskProvisioner disks) {
    if (!store.complete()) {
      return;
    }
    Set<String> images = new LinkedHashSet<>();
    store.list(ResourceKind.VmImage).items().forEach(i -> images.add(i.uid()));
    try {
      int gone = disks.collect(images);
      if (gone > 0) {
        Log.info("images", "deleted what nothing needs", "count", Integer.toString(gone));
      }
    } catch (IOException e) {
      Log.warn("images", "nothing is deleted", "why", String.valueOf(e.getMessage()));
    }
  }

  private void follow(VmReconciler reconciler, ClusterNetworks networks, ImageStore images) {
    closing(
        store.watch(
            ResourceKind.VirtualMachine, 0, event -> reconciler.wake(event.object().key())));
    closing(
        store.watch(
            ResourceKind.VmNetwork,
            0,
            event -> {
              if (event.type() == StoreEvent.Type.DELETED) {
                networks.retire(event.object().key());
                later(NETWORKS, Duration.ZERO);
              }
              wakeAll();
            }));
    closing(
        store.watch(
            ResourceKind.VmImage,
            0,
            event -> {
              if (event.type() == StoreEvent.Type.DELETED) {
                images.cancel(event.object().uid());
                later(IMAGES, COLLECT_SOON);
              }
              images.retry(event.object().uid());
              wakeAll();
            }));
    closing(store.watch(ResourceKind.HostResource, 0, _ -> wakeAll()));
    closing(
        store.watch(
            ResourceKind.VmHost,
            0,
            event -> reconciler.fenced(event.object().status().path("fencedThrough").asLong())));
    closing(store);
    store.start();
    later(IMAGES, COLLECT_EVERY);
  }

  private void heard(HypervisorEvent event, VmReconciler reconciler, HostReport report) {
    report.heard(event);
    switch (event) {
      case HypervisorEvent.DomainChanged e -> reconciler.domainChanged(e.id(), null);
      case HypervisorEvent.DomainEnded e -> reconciler.domainChanged(e.id(), e.how());
      case HypervisorEvent.Connected _ -> {
        Log.info("libvirt", "connected");
        libvirt = "";
        later(NETWORKS, Duration.ZERO);
        reconciler.lookAtAll();
        lookAtGuests(reconciler);
      }
      case HypervisorEvent.Disconnected e -> {
        libvirt = "libvirt cannot be reached: " + e.why();
        Log.warn("libvirt", "connection lost; guests run on", "why", e.why());
        reconciler.lookAtAll();
      }
    }
  }

  /** Guests of ours that the API server says nothing of are asked for by name. */
  private void lookAtGuests(VmReconciler reconciler) {
    var unused =
        Thread.ofPlatform()
            .daemon()
            .name("lodge-look")
            .start(
                () -> {
                  try {
                    for (DomainState d : world.hypervisor().list()) {
                      DomainState.Owner owner = d.owner();
                      if (owner != null) {
                        reconciler.wake(
                            new ObjectKey(
                                ResourceKind.VirtualMachine, owner.namespace(), owner.name()));
                      }
                    }
                  } catch (dev.lodge.domain.hypervisor.HypervisorException e) {
                    Log.warn("libvirt", "guests cannot be listed", "why", e.failure().message());
                  }
                });
  }

  private void wakeAll() {
    VmReconciler reconciler = vms;
    if (reconciler != null) {
      for (StoredObject vm : store.list(ResourceKind.VirtualMachine).items()) {
        reconciler.wake(vm.key());
      }
    }
  }

  private <T extends AutoCloseable> T closing(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  /** Ends the parts, the last one first. Guests run on. */
  @Override
  public void close() {
    joining.interrupt();
    while (true) {
      AutoCloseable part;
      synchronized (parts) {
        if (parts.isEmpty()) {
          return;
        }
        part = parts.pop();
      }
      try {
        part.close();
      } catch (Exception e) {
        Log.fault("agent", e);
      }
    }
  }
}
