package dev.lodge.bench.scale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The operator, as its image runs it, with what the chart's Deployment gives it and its
 * ServiceAccount's token.
 */
final class OperatorProcess implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  private final Process process;
  private final Path log;
  private final double readySeconds;
  private final int logAtReady;

  private OperatorProcess(Process process, Path log, double readySeconds, int logAtReady) {
    this.process = process;
    this.log = log;
    this.readySeconds = readySeconds;
    this.logAtReady = logAtReady;
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param flags of the image's JVM
   */
  static OperatorProcess start(
      Api api, Path jar, List<String> flags, Path kubeconfig, String namespace, Path work, int port)
      throws IOException, InterruptedException {
    JsonNode container =
        api.get("/apis/apps/v1/namespaces/" + namespace + "/deployments/lodge-operator")
            .body()
            .at("/spec/template/spec/containers/0");
    Path credentials = work.resolve("operator-" + port + ".kubeconfig");
    Credentials.write(credentials, kubeconfig, token(api, namespace));
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    // What the container's limit is to a JVM in it.
    command.add(
        "-XX:MaxRAM="
            + container.at("/resources/limits/memory").asText("640Mi").replace("Mi", "m"));
    command.add("-jar");
    command.add(jar.toString());
    var builder = new ProcessBuilder(command);
    for (JsonNode e : container.path("env")) {
      if (e.has("value")) {
        builder.environment().put(e.path("name").asText(), e.path("value").asText());
      }
    }
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    builder.environment().put("KUBECONFIG", credentials.toString());
    builder.environment().put("POD_NAME", "lodge-operator-" + port);
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    Path log = work.resolve("operator-" + port + ".log");
    builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    long began = System.nanoTime();
    Process process = builder.start();
    // Also where the bench is told to end: nobody else would end it.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    awaitReady(process, port, log);
    double seconds = (System.nanoTime() - began) / 1e9;
    return new OperatorProcess(process, log, seconds, Files.readString(log).length());
  }

  private static void awaitReady(Process process, int port, Path log) throws InterruptedException {
    HttpRequest ask =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/health/ready"))
            .timeout(Duration.ofSeconds(2))
            .build();
    long until = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (true) {
      try {
        if (HTTP.send(ask, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // Not there yet.
        if (!process.isAlive()) {
          throw new IllegalStateException("the operator ended; its log is " + log, e);
        }
      }
      if (System.nanoTime() > until) {
        throw new IllegalStateException("the operator does not become ready; its log is " + log);
      }
      Thread.sleep(100);
    }
  }

  private static String token(Api api, String namespace) {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
    request.putObject("spec").put("expirationSeconds", 6 * 3600);
    Api.Reply r =
        api.post(
                "/api/v1/namespaces/" + namespace + "/serviceaccounts/lodge-operator/token",
                request)
            .join();
    if (!r.ok()) {
      throw new IllegalStateException("no token for the operator: " + r.body());
    }
    return r.body().path("status").path("token").asText();
  }

  long pid() {
    return process.pid();
  }

  /** From the start of the process until it was ready. */
  double readySeconds() {
    return readySeconds;
  }

  /** Lines of its log since it was ready that tell of something wrong. */
  List<String> complaints() throws IOException {
    String since = Files.readString(log).substring(logAtReady);
    return since.lines().filter(l -> l.contains(" WARN ") || l.contains(" ERROR ")).toList();
  }

  /** SIGKILL: nothing is said to anybody. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
