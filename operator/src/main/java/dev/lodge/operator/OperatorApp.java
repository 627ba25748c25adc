package dev.lodge.operator;

import dev.lodge.api.common.Quantity;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.operator.cache.Cluster;
import dev.lodge.operator.cache.Trimmed;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.needs.Installation;
import dev.lodge.operator.needs.NeedsResolver;
import dev.lodge.operator.network.Addresses;
import dev.lodge.operator.network.DefaultNetwork;
import dev.lodge.operator.slot.SlotPod;
import dev.lodge.operator.slot.SlotSize;
import dev.lodge.operator.status.VmStatusWriter;
import dev.lodge.operator.virtualmachine.Operations;
import dev.lodge.operator.virtualmachine.VirtualMachineReconciler;
import dev.lodge.operator.virtualmachine.VmUpdateFilter;
import dev.lodge.operator.virtualmachine.Wakeups;
import dev.lodge.operator.vmhost.AgentPulse;
import dev.lodge.operator.vmhost.VmHostReconciler;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The controller: everything put together, by hand, so that tests put it together too. Every
 * replica watches; only the leader acts, and safety does not rest on that.
 */
public final class OperatorApp implements AutoCloseable {
  private static final long LIST_PAGE = 500;
  private static final int SYNC_SECONDS = 120;

  private final KubernetesClient client;
  private final Cluster cluster;
  private final Wakeups wakeups;
  private final Operator operator;

  /**
   * @param identity of this process, for the Lease
   * @param installationId that MAC addresses derive from
   * @param meters for what is measured of passes and requests
   */
  public OperatorApp(
      KubernetesClient client,
      OperatorSettings settings,
      String identity,
      String installationId,
      MeterRegistry meters,
      InstantSource clock) {
    var api = new ApiClient(client, meters);
    this.client = client;
    wakeups = new Wakeups();
    cluster = new Cluster(client, wakeups, clock);
    var ops =
        new Operations(
            api,
            cluster,
            new NeedsResolver(new Installation(installationId, settings.namespace())),
            new SlotPod(slots(settings)),
            new Addresses(api, cluster.addresses, cluster.addressBook),
            new VmStatusWriter(api, clock),
            new AgentPulse(api, settings.namespace(), settings.agentSilence(), clock),
            clock);
    operator = new Operator(o -> configure(o, client, settings, identity));
    operator.<VirtualMachine>register(
        new VirtualMachineReconciler(ops, wakeups, meters),
        o ->
            o.withGenerationAware(false)
                .withTriggerReconcilerOnAllEvents(true)
                .withOnUpdateFilter(new VmUpdateFilter())
                .withRetry(endless())
                .withItemStore(new Trimmed<>(Trimmed::metadata))
                .withInformerListLimit(LIST_PAGE));
    var hosts = new VmHostReconciler(api, cluster, wakeups::holdsVms);
    wakeups.hosts(hosts::wake);
    operator.<VmHost>register(
        hosts,
        o ->
            o.withGenerationAware(false)
                .withTriggerReconcilerOnAllEvents(true)
                .withRetry(endless())
                .withItemStore(new Trimmed<>(Trimmed::metadata)));
    settings
        .defaultNetworkCidr()
        .filter(cidr -> !cidr.isBlank())
        .ifPresent(cidr -> DefaultNetwork.ensure(api, settings.namespace(), cidr));
  }

  private static SlotPod.Settings slots(OperatorSettings s) {
    return new SlotPod.Settings(
        s.slotImage(),
        s.slotPullPolicy(),
        s.slotRuntimeClass().filter(n -> !n.isBlank()).orElse(null),
        new SlotSize(s.cpuOvercommit(), new Quantity(s.memoryOverhead()).bytes()),
        s.emulation() == OperatorSettings.Emulation.Allowed);
  }

  private static void configure(
      ConfigurationServiceOverrider o,
      KubernetesClient client,
      OperatorSettings settings,
      String identity) {
    o.withKubernetesClient(client)
        .withCloseClientOnStop(false)
        .checkingCRDAndValidateLocalModel(false)
        .withConcurrentReconciliationThreads(settings.threads())
        .withStopOnInformerErrorDuringStartup(false)
        .withResourceCloner(new NoCopies());
    OperatorSettings.LeaderElection l = settings.leaderElection();
    if (l.enabled()) {
      o.withLeaderElectionConfiguration(
          new LeaderElectionConfiguration(
              settings.name() + "-operator",
              settings.namespace(),
              l.lease(),
              l.renew(),
              l.retry(),
              identity,
              null,
              true));
    }
  }

  /** Passes never change what they are given, so that a copy for each would be for nothing. */
  private static final class NoCopies implements Cloner {
    @Override
    public <R extends HasMetadata> R clone(R object) {
      return object;
    }
  }

  /** Whatever went wrong, a VM is looked at again: after 0.5 s, later every 30 s. */
  private static GenericRetry endless() {
    return new GenericRetry()
        .setInitialInterval(500)
        .setIntervalMultiplier(2)
        .setMaxInterval(30_000)
        .withoutMaxAttempts();
  }

  /**
   * Lists, watches and begins to lead or to wait for it.
   *
   * @throws TimeoutException if the API server did not list everything in time
   */
  public void start() throws InterruptedException, ExecutionException, TimeoutException {
    WarmUp.run(client);
    cluster.start().get(SYNC_SECONDS, TimeUnit.SECONDS);
    wakeups.started();
    operator.start();
  }

  /** Whether the watches are open. */
  public boolean watching() {
    return cluster.watching();
  }

  public Cluster cluster() {
    return cluster;
  }

  public Wakeups wakeups() {
    return wakeups;
  }

  @Override
  public void close() {
    operator.stop();
    cluster.stop();
  }
}
