package dev.lodge.agent.apiserver;

import static dev.lodge.agent.apiserver.ApiHarness.vmKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real kubectl, by TLS on loopback with the kubeconfig that the agent wrote. */
class KubectlIT {
  private static final String VM =
      """
      apiVersion: lodge.dev/v1alpha1
      kind: VirtualMachine
      metadata:
        name: web
        namespace: default
        labels: {app: web}
      spec:
        cpu: {count: 2}
        memory: {size: 1Gi}
      """;

  @TempDir Path dir;
  private ApiHarness api;
  private String kubectl = "";

  private record Run(int code, String out, String err) {}

  @BeforeEach
  void start() throws IOException {
    String path = System.getenv("LODGE_TEST_KUBECTL");
    assumeThat(path).as("LODGE_TEST_KUBECTL").isNotBlank();
    kubectl = path;
    api =
        new ApiHarness(
            dir,
            ApiServerConfig.Limits.DEFAULT,
            Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    Files.writeString(dir.resolve("vm.yaml"), VM);
  }

  @AfterEach
  void stop() {
    if (api != null) {
      api.close();
    }
  }

  private ProcessBuilder command(Map<String, String> env, String... args) {
    List<String> all =
        new ArrayList<>(
            List.of(
                kubectl,
                "--kubeconfig=" + dir.resolve("state/kubeconfig"),
                "--cache-dir=" + dir.resolve("cache")));
    all.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(all).directory(dir.toFile());
    builder.environment().put("HOME", dir.toString());
    builder.environment().remove("KUBECONFIG");
    builder.environment().putAll(env);
    return builder;
  }

  private Run run(String... args) throws Exception {
    return run(Map.of(), args);
  }

  private Run run(Map<String, String> env, String... args) throws Exception {
    Path out = Files.createTempFile(dir, "out", "");
    Path err = Files.createTempFile(dir, "err", "");
    Process p = command(env, args).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    p.getOutputStream().close();
    assertThat(p.waitFor(60, TimeUnit.SECONDS)).as("kubectl ended").isTrue();
    return new Run(p.exitValue(), Files.readString(out), Files.readString(err));
  }

  private String ok(String... args) throws Exception {
    Run run = run(args);
    assertThat(run.code()).as("%s: %s%s", List.of(args), run.out(), run.err()).isZero();
    return run.out();
  }

  private void status(String name, String phase, String ready) {
    StoredObject now = api.store.get(vmKey(name)).orElseThrow();
    StatusWrite written =
        api.store.changeStatus(
            vmKey(name),
            now.uid(),
            s -> {
              s.put("phase", phase).put("nodeName", "host1");
              s.putArray("conditions")
                  .addObject()
                  .put("type", "Ready")
                  .put("status", ready)
                  .put("reason", phase)
                  .put("message", "")
                  .put("lastTransitionTime", "2026-01-01T00:00:00Z");
              return s;
            });
    assertThat(written).isInstanceOf(StatusWrite.Applied.class);
  }

  @Test
  void appliesGetsAndDeletes() throws Exception {
    assertThat(ok("apply", "-f", "vm.yaml")).contains("virtualmachine.lodge.dev/web created");
    assertThat(ok("apply", "-f", "vm.yaml")).contains("virtualmachine.lodge.dev/web unchanged");
    status("web", "Running", "True");

    assertThat(ok("get", "vm").lines().toList().get(0)).startsWith("NAME").contains("PHASE", "AGE");
    assertThat(ok("get", "vm", "web")).contains("Running", "host1");
    assertThat(ok("get", "vm", "-o", "wide")).contains("REASON");
    assertThat(ok("get", "vm", "-A")).startsWith("NAMESPACE");
    assertThat(ok("get", "vm", "-o", "name").trim()).isEqualTo("virtualmachine.lodge.dev/web");
    assertThat(ok("get", "vm", "web", "-o", "yaml")).contains("phase: Running", "size: 1Gi");
    assertThat(ok("get", "vm", "-o", "json")).contains("\"kind\": \"List\"");
    assertThat(ok("get", "vm", "web", "-o", "jsonpath={.status.phase}")).isEqualTo("Running");
    assertThat(ok("get", "virtualmachines.lodge.dev", "-l", "app=web", "-o", "name"))
        .contains("web");
    assertThat(ok("get", "vm", "-l", "app!=web", "-o", "name")).isEmpty();
    assertThat(ok("get", "vm", "--field-selector", "metadata.name=web", "-o", "name"))
        .contains("web");
    assertThat(ok("get", "ns")).contains("default", "Active");

    Files.writeString(dir.resolve("vm.yaml"), VM.replace("count: 2", "count: 3"));
    assertThat(ok("apply", "-f", "vm.yaml")).contains("configured");
    assertThat(api.store.get(vmKey("web")).orElseThrow().spec().at("/cpu/count").asInt())
        .isEqualTo(3);

    api.autoFinish();
    assertThat(ok("delete", "vm", "web")).contains("deleted");
    assertThat(api.store.get(vmKey("web"))).isEmpty();
    assertThat(run("get", "vm", "web").err())
        .contains("Error from server (NotFound): virtualmachines.lodge.dev \"web\" not found");
  }

  @Test
  void watchesAndWaits() throws Exception {
    ok("apply", "-f", "vm.yaml");
    Process watch =
        command(Map.of(), "get", "vm", "-w", "--no-headers").redirectErrorStream(true).start();
    try (BufferedReader lines =
        new BufferedReader(
            new java.io.InputStreamReader(watch.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).startsWith("web");
      status("web", "Starting", "False");
      assertThat(lines.readLine()).contains("Starting");

      Process wait =
          command(Map.of(), "wait", "--for=condition=Ready", "vm/web", "--timeout=30s")
              .redirectErrorStream(true)
              .start();
      status("web", "Running", "True");
      assertThat(wait.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(new String(wait.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains("condition met");
      assertThat(lines.readLine()).contains("Running");
    } finally {
      watch.destroyForcibly();
    }
  }

  @Test
  void describesWithEvents() throws Exception {
    ok("apply", "-f", "vm.yaml");
    StoredObject vm = api.store.get(vmKey("web")).orElseThrow();
    api.events.record(
        vm.key(), vm.uid(), EventLog.Type.Warning, "ImageMissing", "VmImage debian is not there");
    api.events.record(
        new ObjectKey(ResourceKind.VirtualMachine, "default", "other"),
        "x",
        EventLog.Type.Normal,
        "Started",
        "of another");

    String described = ok("describe", "vm", "web");

    assertThat(described)
        .contains("Name:         web", "Kind:         VirtualMachine", "Events:")
        .containsPattern(
            "Warning\\s+ImageMissing\\s+\\S+\\s+lodge-agent\\s+VmImage debian is not there")
        .doesNotContain("of another");
    assertThat(ok("get", "events")).contains("ImageMissing", "virtualmachine/web");
    assertThat(ok("events", "--for", "vm/web"))
        .contains("ImageMissing")
        .doesNotContain("of another");
  }

  @Test
  void edits() throws Exception {
    ok("apply", "-f", "vm.yaml");

    Run edit = run(Map.of("KUBE_EDITOR", "sed -i s/count:.2/count:\\ 4/"), "edit", "vm", "web");

    assertThat(edit.code()).as(edit.err()).isZero();
    assertThat(api.store.get(vmKey("web")).orElseThrow().spec().at("/cpu/count").asInt())
        .isEqualTo(4);
  }

  @Test
  void patchesReplacesDiffsAndDryRuns() throws Exception {
    ok("apply", "-f", "vm.yaml");

    ok("patch", "vm", "web", "--type=merge", "-p", "{\"spec\":{\"cpu\":{\"count\":5}}}");
    ok(
        "patch",
        "vm",
        "web",
        "--type=json",
        "-p",
        "[{\"op\":\"replace\",\"path\":\"/spec/cpu/count\",\"value\":6}]");
    assertThat(api.store.get(vmKey("web")).orElseThrow().spec().at("/cpu/count").asInt())
        .isEqualTo(6);
    Run strategic = run("patch", "vm", "web", "-p", "{\"spec\":{\"cpu\":{\"count\":7}}}");
    assertThat(strategic.code()).isNotZero();
    assertThat(strategic.err()).contains("--type=merge");
    Run diff = run("diff", "-f", "vm.yaml");
    assertThat(diff.code()).as(diff.err()).isEqualTo(1);
    assertThat(diff.out()).contains("-    count: 6", "+    count: 2");
    ok("apply", "--dry-run=server", "-f", "vm.yaml");
    assertThat(api.store.get(vmKey("web")).orElseThrow().spec().at("/cpu/count").asInt())
        .isEqualTo(6);
    ok("replace", "-f", "vm.yaml");
    assertThat(api.store.get(vmKey("web")).orElseThrow().spec().at("/cpu/count").asInt())
        .isEqualTo(2);
    ok("label", "vm", "web", "tier=front");
    assertThat(ok("get", "vm", "-l", "tier", "-o", "name")).contains("web");
  }

  @Test
  void tellsOfMistakesSoThatTheyCanBeMended() throws Exception {
    Files.writeString(dir.resolve("vm.yaml"), VM.replace("cpu:", "cpus:"));
    Run unknown = run("apply", "-f", "vm.yaml");
    assertThat(unknown.code()).isNotZero();
    assertThat(unknown.err()).contains("The VirtualMachine \"web\" is invalid", "spec.cpus");

    Files.writeString(dir.resolve("vm.yaml"), VM);
    Run ssa = run("apply", "--server-side", "-f", "vm.yaml");
    assertThat(ssa.code()).isNotZero();
    assertThat(ssa.err()).contains("without --server-side");
  }

  @Test
  void ofAHandMadeFileOnlyThePowerStateIsTaken() throws Exception {
    api.store.handMade(ApiHarness.vmTree("hand"), "/etc/lodge/manifests/hand.yaml");

    ok("patch", "vm", "hand", "--type=merge", "-p", "{\"spec\":{\"powerState\":\"PoweredOn\"}}");
    Run refused =
        run("patch", "vm", "hand", "--type=merge", "-p", "{\"spec\":{\"cpu\":{\"count\":5}}}");

    assertThat(refused.err()).contains("Forbidden", "edit /etc/lodge/manifests/hand.yaml");
    assertThat(run("delete", "vm", "hand").err()).contains("remove /etc/lodge/manifests/hand.yaml");
  }

  @Test
  void explainsAndListsResources() throws Exception {
    assertThat(ok("api-resources"))
        .containsPattern("virtualmachines\\s+vm\\s+lodge.dev/v1alpha1\\s+true\\s+VirtualMachine")
        .containsPattern("hostresources\\s+hostres\\s+lodge.dev/v1alpha1\\s+false");
    assertThat(ok("api-versions"))
        .contains("lodge.dev/v1alpha1", "subresources.lodge.dev/v1alpha1");
    assertThat(ok("explain", "vm.spec.cpu")).contains("count", "Virtual CPUs");
    assertThat(ok("explain", "vm.metadata")).contains("labels");
    assertThat(ok("version")).contains("Server Version: v1.36");
    assertThat(ok("get", "--raw", "/readyz")).isEqualTo("ok");
  }

  @Test
  void aWrongTokenIsToldApart() throws Exception {
    Run run = run("--token=wrong", "get", "vm");

    assertThat(run.code()).isNotZero();
    assertThat(run.err()).contains("You must be logged in to the server");
  }
}
