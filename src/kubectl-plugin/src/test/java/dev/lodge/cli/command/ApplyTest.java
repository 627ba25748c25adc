package dev.lodge.cli.command;

import static dev.lodge.cli.Objects.VMS;
import static dev.lodge.cli.Objects.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.cli.FakeAgent;
import dev.lodge.cli.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ApplyTest extends CommandTest {
  private static final String WEB =
      """
      apiVersion: lodge.dev/v1alpha1
      kind: VirtualMachine
      metadata: {name: web}
      spec:
        cpu: {count: 1}
        memory: {size: 128Mi}
      """;

  private static final String PARTS =
      """
      ---
      apiVersion: lodge.dev/v1alpha1
      kind: VmImage
      metadata: {name: img}
      spec: {source: {hostResourceRef: {name: files, path: a.img}}}
      ---
      apiVersion: lodge.dev/v1alpha1
      kind: HostResource
      metadata: {name: files}
      spec: {type: Directory, path: /srv/files}
      """;

  private static final String IMAGES = "/apis/lodge.dev/v1alpha1/namespaces/default/vmimages";
  private static final String DRY = "?dryRun=All";
  private static final String RESOURCES = "/apis/lodge.dev/v1alpha1/hostresources";

  @Test
  void createsWhatIsMissingInTheOrderOfReferences() throws IOException {
    agent.json("POST " + VMS, 201, vm("web", "", "Starting", ""));
    agent.json("POST " + IMAGES, 201, "{}").json("POST " + RESOURCES, 201, "{}");
    agent.json("POST " + VMS + DRY, 201, "{}");
    agent.json("POST " + IMAGES + DRY, 201, "{}").json("POST " + RESOURCES + DRY, 201, "{}");

    Shell.Result result = shell.run("apply", "-f", file("all.yaml", WEB + PARTS).toString());

    assertThat(result.out())
        .isEqualTo(
            """
            hostresource.lodge.dev/files created
            vmimage.lodge.dev/img created
            virtualmachine.lodge.dev/web created
            """);
    assertThat(result.code()).isZero();
    assertThat(agent.requests().getLast().body())
        .isEqualTo(
            "{\"apiVersion\":\"lodge.dev/v1alpha1\",\"kind\":\"VirtualMachine\",\"metadata\":{\"name\":\"web\",\"namespace\":\"default\"},\"spec\":{\"cpu\":{\"count\":1},\"memory\":{\"size\":\"128Mi\"}}}");
  }

  @Test
  void leavesAloneWhatIsTheSame() throws IOException {
    agent.json("GET " + VMS + "/web", 200, vm("web", "Running", "Running", ""));

    Shell.Result result = shell.input(WEB).run("apply", "-f", "-");

    assertThat(result.out()).isEqualTo("virtualmachine.lodge.dev/web unchanged\n");
    assertThat(agent.requests()).hasToString("[GET " + VMS + "/web]");
  }

  @Test
  void replacesWithTheVersionThatItSawAndLooksAgainAfterAConflict() throws IOException {
    var tries = new AtomicInteger();
    agent.json("GET " + VMS + "/web", 200, vm("web", "Running", "Running", ""));
    agent.on(
        "PUT " + VMS + "/web",
        (request, in, out) ->
            out.write(
                tries.getAndIncrement() == 0
                    ? FakeAgent.response(409, FakeAgent.failure(409, "Conflict", "changed"))
                    : FakeAgent.response(200, "{\"metadata\":{\"resourceVersion\":\"8\"}}")));

    Shell.Result result = shell.input(WEB.replace("128Mi", "256Mi")).run("apply", "-f", "-");

    assertThat(result.out()).isEqualTo("virtualmachine.lodge.dev/web configured\n");
    assertThat(tries).hasValue(2);
    assertThat(agent.requests().getLast().body())
        .contains("\"resourceVersion\":\"7\"")
        .contains("\"256Mi\"")
        .doesNotContain("status");
  }

  @Test
  void sendsNothingIfAnyFileHasAMistake() throws IOException {
    Files.createDirectory(directory.resolve("d"));
    file("d/good.yaml", WEB);
    file("d/bad.yml", WEB.replace("memory", "memry").replace("web", "db"));
    file("d/notes.txt", "not a manifest");

    Shell.Result result = shell.run("apply", "-f", directory.resolve("d").toString());

    assertThat(result.err())
        .contains(
            "bad.yml:6:3: VirtualMachine default/db: spec.memry: no such field; did you mean memory?")
        .endsWith("error: 2 mistakes\n");
    assertThat(result.code()).isEqualTo(4);
    assertThat(agent.requests()).isEmpty();
  }

  @Test
  void refusesTheSameObjectInTwoFiles() throws IOException {
    Path a = file("a.yaml", WEB);
    Path b = file("b.yaml", WEB);

    Shell.Result result = shell.run("apply", "-f", a.toString(), "-f", b.toString());

    assertThat(result.err()).contains(b + ": VirtualMachine default/web stands in " + a + " too");
    assertThat(result.code()).isEqualTo(4);
  }

  @Test
  void appliesNothingIfTheAgentRefusesAnyAndTellsAllThatItRefuses() throws IOException {
    agent.json("POST " + RESOURCES + DRY, 403, FakeAgent.failure(403, "Forbidden", "edit x.yaml"));
    agent.json("POST " + IMAGES + DRY, 201, "{}");
    agent.json("POST " + VMS + DRY, 422, FakeAgent.failure(422, "Invalid", "disks[0] is taken"));
    Path all = file("all.yaml", WEB + PARTS);

    Shell.Result result = shell.run("apply", "-f", all.toString());

    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .isEqualTo(
            "error: %1$s: hostresource.lodge.dev/files: edit x.yaml; nothing was applied\nerror: %1$s: virtualmachine.lodge.dev/web: disks[0] is taken; nothing was applied\n"
                .formatted(all));
    assertThat(result.code()).isEqualTo(4);
    assertThat(agent.requests()).noneMatch(r -> r.toString().matches("(POST|PUT) [^?]*"));
  }

  @Test
  void saysWhatWasAppliedAndWhatNotWhenTheAgentRefusesOneAfterAll() throws IOException {
    agent.json("POST " + RESOURCES + DRY, 201, "{}").json("POST " + RESOURCES, 201, "{}");
    agent.json("POST " + IMAGES + DRY, 201, "{}");
    agent.json("POST " + IMAGES, 500, FakeAgent.failure(500, "InternalError", "the disk is full"));
    agent.json("POST " + VMS + DRY, 201, "{}").json("POST " + VMS, 201, "{}");
    Path all = file("all.yaml", WEB + PARTS);

    Shell.Result result = shell.run("apply", "--wait", "-f", all.toString());

    assertThat(result.out()).isEqualTo("hostresource.lodge.dev/files created\n");
    assertThat(result.err())
        .isEqualTo(
            "error: %s: vmimage.lodge.dev/img: the disk is full; applied: hostresource.lodge.dev/files; not applied: vmimage.lodge.dev/img, virtualmachine.lodge.dev/web\n"
                .formatted(all));
    assertThat(result.code()).isEqualTo(1);
  }

  @Test
  void asksForADryRunOnEveryWrite() throws IOException {
    agent.json("POST " + VMS + "?dryRun=All", 201, vm("web", "", "", ""));

    assertThat(shell.input(WEB).run("apply", "--dry-run", "-f", "-").out())
        .isEqualTo("virtualmachine.lodge.dev/web created (dry run)\n");
  }

  @Test
  void saysWhatADryRunWouldDo() {
    String now = vm("web", "Running", "Running", "");
    agent.json("GET " + VMS + "/web", 200, now);
    agent.json("PUT " + VMS + "/web?dryRun=All", 200, now.replace("128Mi", "256Mi"));

    assertThat(
            shell.input(WEB.replace("128Mi", "256Mi")).run("apply", "--dry-run", "-f", "-").out())
        .isEqualTo("virtualmachine.lodge.dev/web configured (dry run)\n");
    assertThat(shell.input(WEB).run("apply", "--dry-run", "-f", "-").out())
        .isEqualTo("virtualmachine.lodge.dev/web unchanged (dry run)\n");
  }

  @Test
  void validatesWithoutAnAgent() throws IOException {
    agent.close();
    Path good = file("good.yaml", WEB + PARTS);
    Path broken = file("broken.yaml", "kind: [");

    Shell.Result valid = shell.run("validate", "-f", good.toString());
    Shell.Result invalid = shell.run("validate", "-f", broken.toString());
    Shell.Result absent = shell.run("validate", "-f", directory + "/none.yaml");

    assertThat(valid.code()).isZero();
    assertThat(valid.out())
        .isEqualTo(
            """
            hostresource.lodge.dev/files valid
            vmimage.lodge.dev/img valid
            virtualmachine.lodge.dev/web valid
            """);
    assertThat(invalid.code()).isEqualTo(4);
    assertThat(invalid.err()).startsWith(broken + ":1:").endsWith("error: 1 mistake\n");
    assertThat(absent.code()).isEqualTo(3);
    assertThat(absent.err()).endsWith("none.yaml: there is no such file\n");
  }

  @Test
  void tellsWhatApplyWouldChangeAndWhenItTakesEffect() throws IOException {
    agent.json("GET " + VMS + "/web", 200, vm("web", "Running", "Running", ""));

    Shell.Result same = shell.input(WEB).run("diff", "-f", "-");
    Shell.Result other =
        shell
            .input(
                WEB.replace("128Mi", "256Mi").replace("spec:", "spec:\n  powerState: PoweredOff"))
            .run("diff", "-f", "-");
    Shell.Result fresh = shell.input(WEB.replace("web", "db")).run("diff", "-f", "-");
    Shell.Result wrong = shell.input("{}").run("diff", "-f", "-");

    assertThat(same.code()).isZero();
    assertThat(same.out()).isEmpty();
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.out())
        .isEqualTo(
            """
            virtualmachine.lodge.dev/web
              FIELD              NOW      THEN         TAKES EFFECT
              spec.powerState    <none>   PoweredOff   at once
              spec.memory.size   128Mi    256Mi        at the next start
            """);
    assertThat(fresh.code()).isEqualTo(1);
    assertThat(fresh.out()).contains("apply would create it");
    assertThat(wrong.code()).isEqualTo(4);
  }
}
