package dev.lodge.cli.command;

import static dev.lodge.cli.Objects.VERBS;
import static dev.lodge.cli.Objects.VMS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.cli.FakeAgent;
import dev.lodge.cli.Shell;
import dev.lodge.cli.client.Json;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class XmlTest extends CommandTest {
  private static final String MANIFEST =
      """
      apiVersion: lodge.dev/v1alpha1
      kind: HostResource
      metadata: {name: vg}
      spec: {type: BlockDevice, path: /dev/vg/web}
      ---
      apiVersion: lodge.dev/v1alpha1
      kind: VirtualMachine
      metadata: {name: web}
      spec:
        cpu: {count: 1}
        memory: {size: 128Mi}
        disks:
        - {name: lv, source: {hostResourceRef: {name: vg}}}
        - {name: root, source: {imageRef: {name: debian}}}
      """;

  private Path capabilities() throws IOException {
    return file("host.json", Json.pretty(LodgeJson.tree(host())));
  }

  private static HostCapabilities host() {
    var models = List.of(new HostCapabilities.CpuModel("qemu64", true));
    var machines =
        List.of(
            new HostCapabilities.MachineType("q35", "pc-q35-7.2", 288),
            new HostCapabilities.MachineType("pc-q35-7.2", "pc-q35-7.2", 288));
    var kvm = new HostCapabilities.Kvm(true, false, "the CPU reports neither vmx nor svm");
    String emulator = "/usr/bin/qemu-system-x86_64";
    return new HostCapabilities(
        "node-a",
        "00000000-0000-4000-8000-000000000001",
        7432404,
        2,
        "9.0.0",
        "7.2.22",
        kvm,
        List.of(
            new HostCapabilities.Guest(
                "x86_64", "KVM", emulator, machines, models, false, false, false, null),
            new HostCapabilities.Guest(
                "x86_64", "QEMU", emulator, machines, models, false, false, true, null)));
  }

  @Test
  void plansWithNoAgentForAnotherHost() throws IOException {
    agent.close();

    Shell.Result result =
        shell
            .input(MANIFEST)
            .run("xml", "-f", "-", "--host-capabilities", capabilities().toString());

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .startsWith("<domain type=\"qemu\">")
        .contains("<name>default_web</name>")
        .contains("<source dev=\"/dev/vg/web\"/>")
        .contains("/var/lib/lodge/images/default/debian");
    assertThat(result.err()).contains("assumed: image debian lies at").contains("assumed: MAC ");
    assertThat(agent.requests()).isEmpty();
  }

  @Test
  void refusesWhatTheHostLacks() throws IOException {
    Shell.Result result =
        shell
            .input(
                MANIFEST
                    .replace("spec:\n  cpu", "spec:\n  hypervisor: KVM\n  cpu")
                    .replace("count: 1", "count: 1, model: Zilog-Z80"))
            .run("xml", "-f", "-", "--host-capabilities", capabilities().toString());

    assertThat(result.code()).isEqualTo(4);
    assertThat(result.err()).contains("Zilog-Z80");
  }

  @Test
  void refusesAFileThatHoldsNoCapabilities() throws IOException {
    Path other = file("other.json", "{\"a\": 1}");

    Shell.Result result =
        shell.input(MANIFEST).run("xml", "-f", "-", "--host-capabilities", other.toString());

    assertThat(result.code()).isEqualTo(4);
    assertThat(result.err()).contains("is not what 'lodge host capabilities' prints");
  }

  @Test
  void plansTheNextStartOfAVmThatRunsWithWhatIsPinned() {
    String vm =
        """
        {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine","metadata":{"name":"web",
        "namespace":"default","uid":"0b1c6f3e-5d7a-4c1e-9f00-2a4b6c8d0e1f"},"spec":{
        "cpu":{"count":1},"memory":{"size":"256Mi"}},"status":{"epoch":4,
        "hardware":{"machineType":"pc-q35-7.2"},
        "interfaces":[{"name":"default","mac":"52:54:00:01:02:03"}]}}
        """;
    agent.json("GET " + VMS + "/web", 200, vm);
    agent.json("GET /apis/lodge.dev/v1alpha1/hostresources", 200, "{\"items\":[]}");
    agent.json("GET /apis/lodge.dev/v1alpha1/vmimages", 200, "{\"items\":[]}");
    agent.json(
        "GET /apis/subresources.lodge.dev/v1alpha1/host/capabilities",
        200,
        Json.pretty(LodgeJson.tree(host())));

    Shell.Result result = shell.run("xml", "web", "--next");

    assertThat(result.err()).doesNotContain("assumed");
    assertThat(result.out())
        .contains("<uuid>0b1c6f3e-5d7a-4c1e-9f00-2a4b6c8d0e1f</uuid>")
        .contains("epoch=\"5\"")
        .contains("52:54:00:01:02:03")
        .contains("<memory unit=\"KiB\">262144</memory>");
  }

  @Test
  void printsWhatTheAgentHasAsItIs() {
    agent.on(
        "GET " + VERBS + "/web/xml",
        (request, in, out) ->
            out.write(FakeAgent.ascii("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<domain/>\n")));

    assertThat(shell.run("xml", "web").out()).isEqualTo("<domain/>\n");
    assertThat(shell.run("xml").code()).isEqualTo(2);
    assertThat(shell.run("xml", "none").code()).isEqualTo(3);
  }
}
