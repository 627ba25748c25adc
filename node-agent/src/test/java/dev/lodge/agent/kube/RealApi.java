package dev.lodge.agent.kube;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.yaml.snakeyaml.Yaml;

/**
 * A real API server for CRDs ({@code LODGE_TEST_CRDSERVER}), the tests' own way to it, and a line
 * to it for the agent.
 */
public final class RealApi implements AutoCloseable {
  private final String script;
  private final Path directory;
  private final Path config;

  /** The tests' own client: never disturbed. */
  public final KubeApi admin;

  /** The agent's line. */
  public final FaultyLine line;

  private RealApi(String script, Path directory, KubeApi admin, FaultyLine line, Path config) {
    this.script = script;
    this.directory = directory;
    this.admin = admin;
    this.line = line;
    this.config = config;
  }

  /** Starts it with all of Lodge's CRDs; skips the test where there is none. */
  public static RealApi start(Path directory) throws Exception {
    String script = System.getenv("LODGE_TEST_CRDSERVER");
    assumeTrue(script != null, "LODGE_TEST_CRDSERVER is not set");
    run(script, "start", directory.toString());
    int port = Integer.parseInt(Files.readString(directory.resolve("port")).strip());
    var line = new FaultyLine(port);
    Path real = directory.resolve("kubeconfig");
    Path faulty =
        Files.writeString(
            directory.resolve("kubeconfig-line"),
            Files.readString(real).replace(":" + port, ":" + line.port()));
    var admin = new KubeApi(KubeConfig.ofFile(real), Duration.ofSeconds(30));
    var api = new RealApi(script, directory, admin, line, faulty);
    api.install();
    return api;
  }

  private static void run(String... command) throws Exception {
    int code =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (code != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + code);
    }
  }

  private void install() throws Exception {
    Path crds = Path.of("../crds");
    String path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    for (ResourceKind kind : ResourceKind.values()) {
      Object crd = new Yaml().load(Files.readString(crds.resolve(kind.crdName() + ".yaml")));
      done(admin.post(path, LodgeJson.mapper().valueToTree(crd)));
    }
    for (ResourceKind kind : ResourceKind.values()) {
      await(() -> admin.get(KubeApi.path(kind)) instanceof Answer.Done);
    }
  }

  /** A client of the agent's, over the line. */
  public KubeApi agent() throws IOException {
    return new KubeApi(KubeConfig.ofFile(config), Duration.ofSeconds(3));
  }

  public ObjectNode create(String json) throws IOException {
    ObjectNode tree = (ObjectNode) LodgeJson.mapper().readTree(json);
    tree.put("apiVersion", ResourceKind.API_VERSION);
    ResourceKind kind = ResourceKind.valueOf(tree.path("kind").asText());
    String path =
        kind.namespaced()
            ? KubeApi.path(kind, tree.at("/metadata/namespace").asText(), "")
            : KubeApi.path(kind) + "/";
    return done(admin.post(path.substring(0, path.length() - 1), tree));
  }

  public ObjectNode get(ResourceKind kind, String namespace, String name) {
    return done(admin.get(KubeApi.path(kind, namespace, name)));
  }

  public void delete(ResourceKind kind, String namespace, String name) {
    admin.delete(KubeApi.path(kind, namespace, name));
  }

  /** Changes a status as the operator would, whoever wrote in between. */
  public ObjectNode status(
      ResourceKind kind, String namespace, String name, Consumer<ObjectNode> change) {
    return change(kind, namespace, name, "status", change);
  }

  /** Changes a spec as its user would, whoever wrote in between. */
  public ObjectNode spec(
      ResourceKind kind, String namespace, String name, Consumer<ObjectNode> change) {
    return change(kind, namespace, name, "spec", change);
  }

  private ObjectNode change(
      ResourceKind kind,
      String namespace,
      String name,
      String member,
      Consumer<ObjectNode> change) {
    String path = KubeApi.path(kind, namespace, name) + (member.equals("status") ? "/status" : "");
    Answer last = null;
    for (int tries = 0; tries < 20; tries++) {
      ObjectNode tree = get(kind, namespace, name);
      change.accept(tree.withObjectProperty(member));
      last = admin.put(path, tree);
      if (last instanceof Answer.Done d) {
        return d.body();
      }
    }
    throw new AssertionError("the " + member + " cannot be written: " + last);
  }

  /** The versions that an object of namespace default had after one, up to another. */
  public List<Long> versions(ResourceKind kind, String name, long after, long last)
      throws InterruptedException {
    List<Long> all = new CopyOnWriteArrayList<>();
    Map<String, String> query = new LinkedHashMap<>();
    query.put("fieldSelector", "metadata.name=" + name);
    query.put("watch", "1");
    query.put("resourceVersion", Long.toString(after));
    WatchLines watch =
        admin.watch(
            KubeApi.path(kind) + KubeApi.query(query),
            line ->
                all.add(
                    LodgeJson.mapper()
                        .readTree(line)
                        .at("/object/metadata/resourceVersion")
                        .asLong()));
    try {
      await(() -> all.contains(last));
    } finally {
      watch.cancel();
    }
    return all;
  }

  public static ObjectNode done(Answer answer) {
    if (answer instanceof Answer.Done d) {
      return d.body();
    }
    throw new AssertionError(answer.toString());
  }

  public static JsonNode json(String text) {
    try {
      return LodgeJson.mapper().readTree(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits for a condition, up to half a minute. */
  public static void await(Condition condition) throws InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("it did not come to that within 30 s");
      }
      Thread.sleep(20);
    }
  }

  /** That nothing happens takes time: the condition must hold in every look of two seconds. */
  public static void always(Condition condition) throws InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    while (System.nanoTime() < until) {
      if (!condition.holds()) {
        throw new AssertionError("it does not stay so");
      }
      Thread.sleep(20);
    }
  }

  /** What is awaited. */
  @FunctionalInterface
  public interface Condition {
    boolean holds();
  }

  @Override
  public void close() throws Exception {
    admin.close();
    line.close();
    run(script, "stop", directory.toString());
  }
}
