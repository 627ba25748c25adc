package dev.lodge.cli.command;

import static dev.lodge.cli.Objects.VMS;
import static dev.lodge.cli.Objects.event;
import static dev.lodge.cli.Objects.table;
import static dev.lodge.cli.Objects.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.cli.FakeAgent;
import dev.lodge.cli.Shell;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class GetTest extends CommandTest {

  @Test
  void showsATableWithoutTheColumnsOfLesserPriority() {
    agent.chunked("GET " + VMS, table("web,Running,Running", "database,Failed,QemuFailed"));

    Shell.Result result = shell.run("get", "vm");

    assertThat(result.out())
        .isEqualTo(
            """
            NAME       PHASE     IP       CPU
            web        Running   <none>   2
            database   Failed    <none>   2
            """);
    assertThat(result.code()).isZero();
    assertThat(agent.requests().getFirst().headers().get("accept"))
        .startsWith("application/json;as=Table");
  }

  @Test
  void showsAllColumnsWhenWideAndNamespacesWhenEverywhere() {
    agent.json("GET /apis/lodge.dev/v1alpha1/virtualmachines", 200, table("web,Running,Running"));

    Shell.Result result = shell.run("get", "-A", "-o", "wide");

    assertThat(result.out())
        .isEqualTo(
            """
            NAMESPACE   NAME   PHASE     IP       CPU   REASON
            default     web    Running   <none>   2     Running
            """);
  }

  @Test
  void sendsTheSelectorAndTheNamespaceEncoded() {
    agent.json("GET /apis/lodge.dev/v1alpha1/namespaces/a%2Fb/vmnetworks", 200, table());

    Shell.Result result = shell.run("get", "vmnet", "-n", "a/b", "-l", "app=web,tier!=x");

    assertThat(agent.requests().getFirst().path())
        .endsWith("?labelSelector=app%3Dweb%2Ctier%21%3Dx");
    assertThat(result.err()).isEqualTo("No resources found in namespace a/b.\n");
    assertThat(result.code()).isZero();
  }

  @Test
  void letsNoEscapeSequenceThrough() {
    agent.json("GET " + VMS, 200, table("web,\\u001b[31mred\\u0007\\n\\u202e,x"));

    assertThat(shell.run("get").out())
        .contains("\\u001b[31mred\\u0007\\n\\u202e")
        .doesNotContain("\033");
  }

  @Test
  void showsNamedOnesAndThenSaysWhichAreMissing() {
    agent.json("GET " + VMS + "/web", 200, table("web,Running,Running"));
    agent.json("GET " + VMS + "/db", 200, table("db,Running,Running"));

    Shell.Result result = shell.run("get", "vm", "web", "none", "db");

    assertThat(result.out())
        .isEqualTo(
            """
            NAME   PHASE     IP       CPU
            web    Running   <none>   2
            db     Running   <none>   2
            """);
    assertThat(result.err()).isEqualTo("error: nothing at GET " + VMS + "/none\n");
    assertThat(result.code()).isEqualTo(3);
  }

  @Test
  void takesAWordThatIsNoKindForAVm() {
    agent.json("GET " + VMS + "/web", 200, table("web,Running,Running"));

    assertThat(shell.run("get", "web").out()).contains("web    Running");
    assertThat(shell.run("get", "vms/web").out()).contains("web    Running");
    assertThat(shell.run("get", "virtualmachine.lodge.dev/web").out()).contains("web    Running");
  }

  @Test
  void prefixesNamesWithTheirKindsWhenThereAreSeveral() {
    agent.json("GET " + VMS, 200, table("web,Running,Running"));
    agent.json("GET /apis/lodge.dev/v1alpha1/namespaces/default/vmimages", 200, table());
    agent.json(
        "GET /apis/lodge.dev/v1alpha1/namespaces/default/vmnetworks", 200, table("lan,Up,x"));
    agent.json("GET /apis/lodge.dev/v1alpha1/hostresources", 200, table());

    assertThat(shell.run("get", "all").out())
        .isEqualTo(
            """
            NAME                           PHASE     IP       CPU
            virtualmachine.lodge.dev/web   Running   <none>   2

            NAME                      PHASE   IP       CPU
            vmnetwork.lodge.dev/lan   Up      <none>   2
            """);
  }

  @Test
  void writesObjectsAsYamlJsonAndNames() {
    agent.json("GET " + VMS + "/web", 200, vm("web", "Running", "Running", "yes"));
    agent.json("GET " + VMS, 200, "{\"items\":[" + vm("web", "Running", "Running", "1.5") + "]}");

    assertThat(shell.run("get", "vm", "web", "-o", "yaml").out())
        .isEqualTo(
            """
            apiVersion: lodge.dev/v1alpha1
            kind: VirtualMachine
            metadata:
              name: web
              namespace: default
              uid: u-web
              resourceVersion: '7'
              generation: 2
              creationTimestamp: '2026-01-01T00:00:00Z'
              annotations:
                lodge.dev/manifest: web.yaml
            spec:
              cpu:
                count: 1
              memory:
                size: 128Mi
            status:
              phase: Running
              observedGeneration: 2
              startedAt: '2026-01-01T00:00:01Z'
              conditions:
              - type: Ready
                status: 'True'
                reason: Running
                message: 'yes'
                lastTransitionTime: '2026-01-01T00:00:02Z'
            """);
    assertThat(shell.run("get", "vm", "-o", "name").out())
        .isEqualTo("virtualmachine.lodge.dev/web\n");
    assertThat(shell.run("get", "vm", "-o", "json").out())
        .contains("\"kind\" : \"List\"")
        .contains("\"message\" : \"1.5\"");
    assertThat(shell.run("get", "vm", "-o", "yaml").out())
        .startsWith("apiVersion: v1\nkind: List\nitems:\n- apiVersion: lodge.dev/v1alpha1\n")
        .contains("message: '1.5'");
  }

  @Test
  void watchesFromTheVersionOfTheListAndKeepsTheColumns() {
    agent.json("GET " + VMS, 200, table("a-long-name,Starting,x"));
    agent.chunked(
        "GET " + VMS + "?watch=true&resourceVersion=7",
        event("MODIFIED", table("web,Running,Running"))
            + "{\"type\":\"BOOKMARK\",\"object\":{}}\n"
            + event("DELETED", table("web,Stopped,x")));

    Shell.Result result = shell.run("get", "vm", "-w");

    assertThat(result.out())
        .isEqualTo(
            """
            NAME          PHASE      IP       CPU
            a-long-name   Starting   <none>   2
            web           Running    <none>   2
            web           Stopped    <none>   2
            """);
    assertThat(result.code()).isZero();
  }

  @Test
  void endsAWatchWithTheErrorThatTheServerSends() {
    agent.json("GET " + VMS, 200, table());
    agent.chunked(
        "GET " + VMS + "?watch=true&resourceVersion=7",
        event("ERROR", FakeAgent.failure(410, "Expired", "too old")));

    Shell.Result result = shell.run("get", "vm", "--watch");

    assertThat(result.err()).isEqualTo("error: too old\n");
    assertThat(result.code()).isEqualTo(3);
  }

  @Test
  void exitsWithCodesThatScriptsCanUse() throws IOException {
    agent.json("GET " + VMS, 500, FakeAgent.failure(500, "InternalError", "boom"));
    agent.json("GET " + VMS + "/x", 403, FakeAgent.failure(403, "Forbidden", "no"));

    assertThat(shell.run("get").code()).isEqualTo(1);
    assertThat(shell.run("get", "vm", "--colour").code()).isEqualTo(2);
    assertThat(shell.run("get", "vms,nonsense").code()).isEqualTo(2);
    assertThat(shell.run("get", "vm", "-o", "xml").code()).isEqualTo(2);
    assertThat(shell.run("get", "-A", "vm", "x").code()).isEqualTo(2);
    assertThat(shell.run("get", "vm", "none").code()).isEqualTo(3);
    assertThat(shell.run("get", "vm", "x").code()).isEqualTo(4);
    agent.close();
    assertThat(shell.run("get").code()).isEqualTo(5);
    assertThat(shell.run().code()).isEqualTo(2);
    assertThat(shell.run("--version").code()).isZero();
    assertThat(shell.run("get", "--help").code()).isZero();
  }
}
