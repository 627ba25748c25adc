package dev.lodge.agent.cluster;

import dev.lodge.agent.kube.KubeApi;
import dev.lodge.agent.kube.KubeConfig;
import dev.lodge.agent.libvirt.LibvirtConfig;
import dev.lodge.agent.libvirt.LibvirtHypervisor;
import dev.lodge.agent.log.Log;
import dev.lodge.agent.metrics.AgentMetrics;
import dev.lodge.agent.store.StateLock;
import dev.lodge.agent.store.StoreException;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code lodge agent --cluster}: the node agent as a pod of the DaemonSet. It answers the kubelet's
 * probes first, and then waits as long as it takes for whatever is missing: an older agent that
 * still has the state, the API server, libvirt.
 */
public final class ClusterAgent implements AutoCloseable {
  private static final Path DISK_LOCKS = Path.of("/run/lodge/disks");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOCK_RETRY = Duration.ofSeconds(1);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private volatile @Nullable ClusterNode node;
  private volatile String waitsFor = "starting";

  private ClusterAgent() {}

  /**
   * Starts everything; returns when the node is being served, or waits to be.
   *
   * @throws IOException with what to do about it
   */
  public static ClusterAgent start(ClusterOptions options, String version)
      throws IOException, InterruptedException {
    var agent = new ClusterAgent();
    try {
      agent.run(options, version);
      return agent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  private void run(ClusterOptions options, String version)
      throws IOException, InterruptedException {
    Files.createDirectories(
        options.state(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    String machineId = Files.readString(options.machineIdFile()).strip();
    String bootId = Files.readString(options.bootIdFile()).strip();
    Config config =
        options.kubeconfig().isPresent()
            ? KubeConfig.ofFile(options.kubeconfig().get())
            : KubeConfig.ofPod(System.getenv());
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var metrics = new AgentMetrics(registry, fault -> Log.fault("vm", fault));
    HealthServer health = closing(new HealthServer(this::missing, registry::scrape));
    if (options.health().isPresent()) {
      health.listen(options.health().get());
    }
    closing(takeState(options.state()));
    health.listen(options.socket());
    var api = closing(new KubeApi(config, PATIENCE));
    var hypervisor =
        closing(
            new LibvirtHypervisor(
                LibvirtConfig.of(options.connect())
                    .networks(options.state().toAbsolutePath().resolve("networks")),
                metrics));
    ClusterNode served =
        closing(
            ClusterNode.start(
                new ClusterNode.Identity(
                    options.nodeName(), options.namespace(), machineId, bootId, version),
                new ClusterNode.Surroundings(
                    api,
                    hypervisor,
                    options.state(),
                    DISK_LOCKS,
                    options.mounted(),
                    new SlotProcesses(Path.of("/proc")),
                    new LoggedVmEvents(),
                    metrics,
                    Clock.systemUTC())));
    metrics.observe(served.store());
    node = served;
    Log.info(
        "agent",
        "started",
        "version",
        version,
        "node",
        options.nodeName(),
        "api",
        config.getMasterUrl());
  }

  /** During an upgrade the agent before may take a while to go. */
  private StateLock takeState(Path state) throws InterruptedException {
    while (true) {
      try {
        return StateLock.take(state);
      } catch (StoreException e) {
        String why = String.valueOf(e.getMessage());
        if (!waitsFor.equals(why)) {
          waitsFor = why;
          Log.warn("agent", "waiting", "why", why);
        }
        Thread.sleep(LOCK_RETRY);
      }
    }
  }

  private Optional<String> missing() {
    ClusterNode served = node;
    return served == null ? Optional.of(waitsFor) : served.missing();
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
