package dev.lodge.bench.scale;

import dev.lodge.agent.kube.KubeConfig;
import dev.lodge.agent.log.Log;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The bench of the control plane. scripts/bench-scale.sh starts it with what it needs:
 *
 * <pre>
 *   --plan=quick|short|record|crowd --kubeconfig=FILE --mark=MARK --audit=FILE --operator=quarkus-run.jar
 *   --operator-flags="…" --namespace=lodge-system --work=DIRECTORY --report=FILE
 * </pre>
 */
public final class Main {
  private static final int FIRST_PORT = 18_080;

  private Main() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Options options = Options.of(arguments);
    Plan plan = Plan.named(options.need("plan"));
    Path kubeconfig = Path.of(options.need("kubeconfig"));
    Path work = Path.of(options.need("work"));
    String namespace = options.need("namespace");
    Log.level("warn");
    Config config = KubeConfig.ofFile(kubeconfig);
    Api api = Api.of(config);
    List<String> nodes =
        IntStream.rangeClosed(1, plan.nodes()).mapToObj("sim-%03d"::formatted).toList();
    var report = new Report();
    int troubles;
    try (var kubelets = new Kubelets(api, nodes);
        var vms = new Vms(api)) {
      kubelets.start();
      System.err.println(nodes.size() + " nodes are there");
      try (Fleet fleet = Fleet.start(api, kubelets, nodes, kubeconfig, namespace, work);
          Bench bench =
              new Bench(
                  vms,
                  new AuditLog(Path.of(options.need("audit"))),
                  Costs.controlPlane(options.need("mark")),
                  port -> operator(api, options, kubeconfig, namespace, work, port),
                  FIRST_PORT,
                  report)) {
        fleet.awaitReady(Duration.ofMinutes(1));
        System.err.println("all agents are ready");
        vms.start();
        bench.run(plan);
        troubles = fleet.troubles() + kubelets.failures();
        report.detail(
            troubles == 0
                ? "No agent complained, and nothing was refused to a kubelet."
                : "Complaints of agents: "
                    + fleet.troubles()
                    + ", refused to kubelets: "
                    + kubelets.failures());
      } finally {
        Files.writeString(Path.of(options.need("report")), report.markdown());
      }
    }
    System.exit(0);
  }

  private static OperatorProcess operator(
      Api api, Options options, Path kubeconfig, String namespace, Path work, int port) {
    try {
      return OperatorProcess.start(
          api,
          Path.of(options.need("operator")),
          List.of(options.need("operator-flags").split(" ")),
          kubeconfig,
          namespace,
          work,
          port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
