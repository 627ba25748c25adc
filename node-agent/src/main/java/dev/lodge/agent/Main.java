package dev.lodge.agent;

import dev.lodge.agent.alone.AloneAgent;
import dev.lodge.agent.alone.AloneOptions;
import dev.lodge.agent.cluster.ClusterAgent;
import dev.lodge.agent.cluster.ClusterOptions;
import dev.lodge.agent.log.LibraryLogs;
import dev.lodge.agent.log.Log;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lodge agent}: runs the agent alone, in the foreground, until SIGTERM or SIGINT. */
@Command(
    name = "lodge agent",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Runs the node agent alone on this machine: VMs are wished for in a directory of manifests.",
    footer = {
      "",
      "Examples:",
      "  lodge agent",
      "  lodge agent --manifests ./vms --state /srv/lodge --socket /run/my-lodge.sock",
      "  lodge agent --listen 127.0.0.1:6444    # for kubectl, too: STATE/kubeconfig",
      "",
      "Guests outlive the agent: stop it or kill it, they run on, and it takes them up again.",
      "Exit codes: 0 stopped by a signal, 1 it could not start, 2 wrong usage."
    })
public final class Main implements Callable<Integer> {
  @Option(
      names = "--manifests",
      paramLabel = "DIR",
      defaultValue = "/etc/lodge/manifests",
      description = "Directory of manifests (default ${DEFAULT-VALUE}).")
  private Path manifests = Path.of("/etc/lodge/manifests");

  @Option(
      names = "--state",
      paramLabel = "DIR",
      defaultValue = "/var/lib/lodge",
      description = "Directory of states, images and disks (default ${DEFAULT-VALUE}).")
  private Path state = Path.of("/var/lib/lodge");

  @Option(
      names = "--socket",
      paramLabel = "FILE",
      defaultValue = "/run/lodge/agent.sock",
      description = "Unix socket of the API (default ${DEFAULT-VALUE}).")
  private Path socket = Path.of("/run/lodge/agent.sock");

  @Option(
      names = "--socket-group",
      paramLabel = "GROUP",
      description = "Group that may use the socket, and with it all of root's rights over VMs.")
  private @Nullable String socketGroup;

  @Option(
      names = "--connect",
      paramLabel = "URI",
      defaultValue = "qemu:///system",
      description = "libvirt's URI (default ${DEFAULT-VALUE}).")
  private String connect = "qemu:///system";

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS:PORT",
      description = "Serve the API by TLS on a loopback address too, and write STATE/kubeconfig.")
  private @Nullable String listen;

  @Option(
      names = "--node-name",
      paramLabel = "NAME",
      defaultValue = "${LODGE_NODE_NAME}",
      description = "Name of this node in statuses (default: the host name).")
  private @Nullable String nodeName;

  @Option(
      names = "--cluster",
      description =
          "Serve a node of a cluster: VMs come from the API server, not from a directory.")
  private boolean cluster;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description =
          "With --cluster: how to reach the API server (default: as the pod that this is).")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      defaultValue = "${LODGE_NAMESPACE:-lodge-system}",
      description = "With --cluster: namespace of the installation (default ${DEFAULT-VALUE}).")
  private String namespace = "lodge-system";

  @Option(
      names = "--health",
      paramLabel = "ADDRESS:PORT",
      description = "With --cluster: serve /livez, /readyz and /metrics there too.")
  private @Nullable String health;

  @Option(
      names = "--boot-id-file",
      paramLabel = "FILE",
      defaultValue = "/proc/sys/kernel/random/boot_id",
      description = "With --cluster: the machine's boot id (default ${DEFAULT-VALUE}).")
  private Path bootIdFile = Path.of("/proc/sys/kernel/random/boot_id");

  @Option(
      names = "--machine-id-file",
      paramLabel = "FILE",
      defaultValue = "/etc/machine-id",
      description = "With --cluster: the machine's id (default ${DEFAULT-VALUE}).")
  private Path machineIdFile = Path.of("/etc/machine-id");

  @Option(
      names = "--host-path",
      paramLabel = "PATH",
      description =
          "With --cluster, in a pod: what HostResources may name, as the pod has mounted it.")
  private List<Path> hostPaths = List.of();

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "error, warn, info or debug (default ${DEFAULT-VALUE}).")
  private String logLevel = "info";

  /** Runs until a signal comes. */
  public static void main(String[] args) {
    int code =
        new CommandLine(new Main())
            .setExecutionExceptionHandler(
                (e, _, _) -> {
                  Log.error("agent", "cannot start", "why", String.valueOf(e.getMessage()));
                  Log.debug("agent", "fault", e);
                  return 1;
                })
            .execute(args);
    // libvirt's event thread would keep the JVM for another 300 ms.
    Runtime.getRuntime().halt(code);
  }

  @Override
  public Integer call() throws Exception {
    LibraryLogs.takeOver();
    Log.level(logLevel);
    var stop = new CountDownLatch(1);
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(
                    () -> {
                      stop.countDown();
                      try {
                        stopped.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      Runtime.getRuntime().halt(0);
                    }));
    try (AutoCloseable agent = start()) {
      stop.await();
      Log.info("agent", "stopping; guests run on");
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  private AutoCloseable start() throws IOException, InterruptedException {
    if (!cluster) {
      return AloneAgent.start(
          new AloneOptions(
              manifests,
              state,
              socket,
              Optional.ofNullable(socketGroup),
              connect,
              Optional.ofNullable(listen).map(l -> address("--listen", l)),
              named()));
    }
    return ClusterAgent.start(
        new ClusterOptions(
            named()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "--cluster needs --node-name NAME (or LODGE_NODE_NAME): the name of the Node")),
            namespace,
            Optional.ofNullable(kubeconfig),
            state,
            socket,
            connect,
            Optional.ofNullable(health).map(h -> address("--health", h)),
            bootIdFile,
            machineIdFile,
            hostPaths),
        Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
            .orElse("0.1.0-dev"));
  }

  private Optional<String> named() {
    return Optional.ofNullable(nodeName).filter(name -> !name.isBlank());
  }

  private static InetSocketAddress address(String option, String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException(
          option + " " + text + ": write ADDRESS:PORT, e.g. 127.0.0.1:6444");
    }
    return new InetSocketAddress(
        text.substring(0, colon).replaceAll("^\\[|]$", ""),
        Integer.parseInt(text.substring(colon + 1)));
  }
}
