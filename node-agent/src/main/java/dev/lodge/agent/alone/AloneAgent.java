package dev.lodge.agent.alone;

import dev.lodge.agent.apiserver.ApiServer;
import dev.lodge.agent.apiserver.ApiServerConfig;
import dev.lodge.agent.apiserver.EventLog;
import dev.lodge.agent.hostfile.QemuUser;
import dev.lodge.agent.hostfile.References;
import dev.lodge.agent.image.ImageLimits;
import dev.lodge.agent.image.ImageStore;
import dev.lodge.agent.libvirt.LibvirtConfig;
import dev.lodge.agent.libvirt.LibvirtHypervisor;
import dev.lodge.agent.log.Log;
import dev.lodge.agent.metrics.AgentMetrics;
import dev.lodge.agent.network.HostRoutes;
import dev.lodge.agent.network.Networks;
import dev.lodge.agent.reconcile.NodeIdentity;
import dev.lodge.agent.reconcile.NodeRecords;
import dev.lodge.agent.reconcile.VmPreparer;
import dev.lodge.agent.reconcile.VmReconciler;
import dev.lodge.agent.reconcile.WorkLoop;
import dev.lodge.agent.source.DirectoryStore;
import dev.lodge.agent.source.DirectoryStoreOptions;
import dev.lodge.agent.storage.DiskLocks;
import dev.lodge.agent.storage.DiskProvisioner;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.ownership.Host;
import dev.lodge.manifest.LodgeJson;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The composition root of an agent that works alone: makes the parts, joins them, ends them. */
public final class AloneAgent implements AutoCloseable {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /** One for all agents of a host, whatever their state directories are. */
  private static final Path DISK_LOCKS = Path.of("/run/lodge/disks");

  private static final String INSTALLATION_NAMESPACE = "default";

  /** One more than libvirt serves at once, so that what the agent itself does costs it no turn. */
  private static final int VM_THREADS = 6;

  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(5);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Clock clock = Clock.systemUTC();

  private AloneAgent() {}

  /**
   * Starts everything; returns once the API answers.
   *
   * @throws IOException with what to do about it
   */
  public static AloneAgent start(AloneOptions options) throws IOException, InterruptedException {
    var agent = new AloneAgent();
    try {
      agent.run(options);
      return agent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  private void run(AloneOptions options) throws IOException, InterruptedException {
    Files.createDirectories(
        options.state(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    DirectoryStore store =
        closing(
            DirectoryStore.open(
                DirectoryStoreOptions.of(
                        options.manifests(),
                        options.state(),
                        new AloneAdmission(INSTALLATION_NAMESPACE))
                    .withFinalized(List.of(ResourceKind.VirtualMachine, ResourceKind.VmNetwork))));
    NodeIdentity node =
        NodeIdentity.load(
            options.state(),
            options.nodeName().orElseGet(AloneAgent::hostName),
            BOOT_ID,
            LodgeJson.mapper());
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var metrics = new AgentMetrics(registry, fault -> Log.fault("vm", fault));
    metrics.observe(store);
    var events = new EventLog(clock);
    closing(events.follow(store));
    var hypervisor =
        closing(
            new LibvirtHypervisor(
                LibvirtConfig.of(options.connect())
                    .networks(options.state().toAbsolutePath().resolve("networks")),
                metrics));
    Parts p = join(options, store, node, metrics, events, hypervisor);
    // One that cannot be reached has been told of, with the reason.
    if (!hypervisor.awaitConnection(CONNECT_PATIENCE) && p.readiness().heardNothing()) {
      Log.warn(
          "libvirt", "no connection yet; tried again until there is one", "uri", options.connect());
    }
    follow(store, p);
    var api =
        new ApiServerConfig(
            options.socket(),
            options.socketGroup(),
            options.listen(),
            options.state(),
            version(),
            ApiServerConfig.Limits.DEFAULT);
    closing(
        ApiServer.start(api, store, events, AlonePorts.of(store, hypervisor, p, clock), registry));
    Log.info(
        "agent",
        "ready",
        "version",
        version(),
        "node",
        node.nodeName(),
        "manifests",
        options.manifests().toString(),
        "socket",
        options.socket().toString(),
        "bootGeneration",
        Long.toString(node.bootGeneration()));
    WarmUp.begin(
        options.state().resolve(".warm-up"),
        new AloneAdmission(INSTALLATION_NAMESPACE),
        p.preparer());
  }

  /** The parts that others call. */
  record Parts(
      VmReconciler vms,
      VmPreparer preparer,
      Networks networks,
      WorkLoop<ObjectKey> networkLoop,
      ImageStore images,
      Housekeeping housekeeping,
      Operations operations,
      Readiness readiness,
      Path vmDirectory) {}

  private Parts join(
      AloneOptions options,
      ObjectStore store,
      NodeIdentity node,
      AgentMetrics metrics,
      EventLog events,
      LibvirtHypervisor hypervisor)
      throws IOException {
    Path vmDirectory = options.state().resolve("vms");
    var references = new References(store::get);
    var waiting = new WaitingVms(store);
    ImageStore images =
        closing(
            new ImageStore(
                options.state().resolve("images"),
                references,
                ImageLimits.DEFAULT,
                new ImageReports(store, node.nodeName(), _ -> waiting.wake(), clock)));
    DiskProvisioner disks =
        closing(
            new DiskProvisioner(
                options.state(), references, images, QemuUser.detect(), _ -> waiting.wake()));
    disks.warning().ifPresent(w -> Log.warn("storage", w));
    var networks =
        new Networks(
            store,
            hypervisor,
            node.installationId(),
            INSTALLATION_NAMESPACE,
            HostRoutes::read,
            clock);
    var networkLoop =
        closing(
            new WorkLoop<ObjectKey>(
                "network", 1, networks::reconcile, fault -> Log.fault("network", fault)));
    networks.countedBy(networkLoop::wake);
    DiskLocks locks = closing(new DiskLocks(DISK_LOCKS));
    var preparer = new VmPreparer(hypervisor, disks, locks, networks, vmDirectory);
    var host =
        new Host(node.nodeName(), node.bootGeneration(), 0, UUID.randomUUID().toString(), true);
    var vms =
        closing(
            new VmReconciler(
                new VmReconciler.Surroundings(
                    host,
                    store,
                    new NodeRecords(vmDirectory, LodgeJson.mapper()),
                    hypervisor,
                    preparer,
                    new LoggedEvents(events),
                    metrics,
                    clock),
                VM_THREADS));
    waiting.to(vms::wake);
    var readiness = new Readiness(vms::unseen);
    hypervisor.listen(
        event -> {
          switch (event) {
            case HypervisorEvent.DomainChanged e -> vms.domainChanged(e.id(), null);
            case HypervisorEvent.DomainEnded e -> vms.domainChanged(e.id(), e.how());
            case HypervisorEvent.Connected _ -> {
              Log.info("libvirt", "connected");
              networks.forgetWhatLibvirtHas();
              store.list(ResourceKind.VmNetwork).items().forEach(n -> networkLoop.wake(n.key()));
              vms.lookAtAll();
            }
            case HypervisorEvent.Disconnected e -> {
              Log.warn(
                  "libvirt",
                  readiness.reachedBefore()
                      ? "connection lost; guests run on"
                      : "cannot be reached; tried again until it can",
                  "why",
                  e.why());
              vms.lookAtAll();
            }
          }
          readiness.heard(event);
        });
    return new Parts(
        vms,
        preparer,
        networks,
        networkLoop,
        images,
        closing(new Housekeeping(store, disks)),
        new Operations(store),
        readiness,
        vmDirectory);
  }

  /** Every wish that is there wakes its object, and then every one that comes. */
  private void follow(DirectoryStore store, Parts p) {
    var filter = new ChangeFilter();
    for (ResourceKind kind : ResourceKind.wishes()) {
      ObjectStore.Listing now = store.list(kind);
      closing(store.watch(kind, now.version(), e -> changed(store, p, filter, e)));
      for (StoredObject o : now.items()) {
        changed(store, p, filter, new StoreEvent(StoreEvent.Type.ADDED, o));
      }
    }
    // It tells of those that are there already, too.
    closing(store.onProblems(new ProblemLog()));
  }

  private static void changed(ObjectStore store, Parts p, ChangeFilter filter, StoreEvent event) {
    synchronized (filter) {
      if (!filter.isWish(event)) {
        p.operations().changed(event.object());
        return;
      }
    }
    switch (event.object().kind()) {
      case VirtualMachine -> p.vms().wake(event.object().key());
      case VmNetwork -> {
        p.networkLoop().wake(event.object().key());
        wakeVms(store, p);
      }
      case VmImage, HostResource -> {
        if (event.type() == StoreEvent.Type.DELETED) {
          p.images().cancel(event.object().uid());
          p.housekeeping().soon();
        }
        p.images().retry(event.object().uid());
        wakeVms(store, p);
      }
      case VmHost, VmAddress, VmDiskClaim -> {
        // Of a cluster; the directory has none.
      }
    }
    if (event.object().kind() == ResourceKind.VirtualMachine) {
      p.operations().changed(event.object());
    }
  }

  /** Something that VMs refer to changed: one of them may have waited for it. */
  private static void wakeVms(ObjectStore store, Parts p) {
    store.list(ResourceKind.VirtualMachine).items().forEach(vm -> p.vms().wake(vm.key()));
  }

  static String version() {
    return Optional.ofNullable(AloneAgent.class.getPackage().getImplementationVersion())
        .orElse("0.1.0-dev");
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "localhost";
    }
  }

  private <T extends AutoCloseable> T closing(T part) {
    parts.push(part);
    return part;
  }

  /** Ends the parts, the last one first. Guests run on. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        Log.fault("agent", e);
      }
    }
  }
}
