package dev.lodge.cli.command;

import static dev.lodge.cli.Objects.VERBS;
import static dev.lodge.cli.Objects.VMS;
import static dev.lodge.cli.Objects.event;
import static dev.lodge.cli.Objects.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.cli.FakeAgent;
import dev.lodge.cli.Shell;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class VerbTest extends CommandTest {
  private static final String WATCH =
      "GET " + VMS + "?watch=true&fieldSelector=metadata.name%3Dweb";
  private static final String ACCEPTED =
      "{\"kind\":\"Status\",\"status\":\"Success\",\"message\":\"web is being started\",\"code\":202}";

  /** A watch that stays open after its events until the client hangs up. */
  private void watch(String... events) {
    agent.on(
        WATCH,
        (request, in, out) -> {
          out.write(FakeAgent.ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
          for (String event : events) {
            byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
            out.write(FakeAgent.ascii(Integer.toHexString(bytes.length) + "\r\n"));
            out.write(bytes);
            out.write(FakeAgent.ascii("\r\n"));
            out.flush();
          }
          in.transferTo(OutputStream.nullOutputStream());
        });
  }

  private void present(String phase, String reason, String message) {
    agent.json("GET " + VMS + "/web", 200, vm("web", phase, reason, message));
    agent.json("PUT " + VERBS + "/web/start", 202, ACCEPTED);
    agent.json("PUT " + VERBS + "/web/stop", 202, ACCEPTED);
  }

  @Test
  void saysWhatTheAgentSaysAndReturnsAtOnce() {
    present("Stopped", "PoweredOff", "");

    Shell.Result result = shell.run("start", "web");

    assertThat(result.out()).isEqualTo("web is being started\n");
    assertThat(result.code()).isZero();
  }

  @Test
  void sendsForce() {
    present("Running", "Running", "");

    shell.run("stop", "--force", "web");

    assertThat(agent.requests().getLast().body()).isEqualTo("{\"force\":true}");
  }

  @Test
  void waitsUntilTheGuestRuns() {
    present("Stopped", "PoweredOff", "");
    watch(
        event("ADDED", vm("web", "Stopped", "PoweredOff", "")),
        event("MODIFIED", vm("web", "Starting", "Starting", "")),
        event("MODIFIED", vm("web", "Running", "Running", "")));

    Shell.Result result = shell.run("start", "--wait", "web");

    assertThat(result.out())
        .isEqualTo("web is being started\nvirtualmachine.lodge.dev/web is running\n");
    assertThat(result.code()).isZero();
  }

  @Test
  void endsTheWaitWithTheWordsOfAFailureThatOnlyAPersonCanMend() {
    present("Stopped", "PoweredOff", "");
    watch(
        event("ADDED", vm("web", "Starting", "Starting", "")),
        event("MODIFIED", vm("web", "Failed", "QemuFailed", "qemu: no such device")));

    Shell.Result result = shell.run("start", "--wait", "web");

    assertThat(result.err())
        .isEqualTo("error: virtualmachine.lodge.dev/web: qemu: no such device\n");
    assertThat(result.code()).isEqualTo(1);
  }

  @Test
  void doesNotTakeTheFailureOfBeforeForThatOfNow() {
    present("Failed", "QemuFailed", "the old one");
    watch(
        event("ADDED", vm("web", "Failed", "QemuFailed", "the old one")),
        event("MODIFIED", vm("web", "Starting", "Starting", "")),
        event("MODIFIED", vm("web", "Running", "Running", "")));

    assertThat(shell.run("start", "--wait", "web").code()).isZero();
  }

  @Test
  void givesUpInTimeAndSaysWhereTheVmIs() {
    present("Stopped", "PoweredOff", "");
    watch(event("ADDED", vm("web", "Starting", "Starting", "QEMU is being started")));

    Shell.Result result = shell.run("start", "--wait", "--timeout", "1s", "web");

    assertThat(result.err())
        .endsWith(
            "error: virtualmachine.lodge.dev/web is not there after 1 s; it is at: Starting: QEMU is"
                + " being started\n");
    assertThat(result.code()).isEqualTo(6);
  }

  @Test
  void endsTheWaitWhenTheVmIsDeleted() {
    present("Stopped", "PoweredOff", "");
    watch(event("DELETED", vm("web", "Stopped", "Deleting", "")));

    assertThat(shell.run("start", "--wait", "web").code()).isEqualTo(3);
  }

  @Test
  void doesAllItCanOfSeveralVms() {
    present("Stopped", "PoweredOff", "");

    Shell.Result result = shell.run("start", "none", "web");

    assertThat(result.out()).isEqualTo("web is being started\n");
    assertThat(result.err()).isEqualTo("error: nothing at GET " + VMS + "/none\n");
    assertThat(result.code()).isEqualTo(3);
  }

  @Test
  void refusesVerbsForWhatIsNoVm() {
    assertThat(shell.run("start", "vmnet/lan").err()).contains("is no VM");
    assertThat(shell.run("start").code()).isEqualTo(2);
    assertThat(shell.run("start", "--wait", "--timeout", "soon", "web").code()).isEqualTo(2);
  }

  @Test
  void deletesVmsBeforeWhatTheyUseAndWaits() {
    String vm = vm("web", "Stopping", "Deleting", "");
    agent.json("DELETE " + VMS + "/web", 200, vm);
    agent.json("DELETE /apis/lodge.dev/v1alpha1/hostresources/files", 200, "{}");
    agent.on(
        "GET /apis/lodge.dev/v1alpha1/hostresources?watch=true&fieldSelector=metadata.name%3Dfiles",
        (request, in, out) -> {
          out.write(FakeAgent.ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
          out.flush();
          in.transferTo(OutputStream.nullOutputStream());
        });
    watch(event("ADDED", vm), event("DELETED", vm));

    Shell.Result result = shell.run("delete", "hostres/files", "vm/web");

    assertThat(result.out())
        .isEqualTo("virtualmachine.lodge.dev/web deleted\nhostresource.lodge.dev/files deleted\n");
    assertThat(agent.requests().subList(0, 2))
        .hasToString(
            "[DELETE " + VMS + "/web, DELETE /apis/lodge.dev/v1alpha1/hostresources/files]");
  }

  @Test
  void deletesAllOfAllNamespacesEachInItsOwn() {
    String other = vm("db", "Stopped", "", "").replace("\"default\"", "\"other\"");
    agent.json("GET /apis/lodge.dev/v1alpha1/virtualmachines", 200, "{\"items\":[" + other + "]}");
    agent.json("DELETE /apis/lodge.dev/v1alpha1/namespaces/other/virtualmachines/db", 200, other);

    Shell.Result result = shell.run("delete", "vm", "--all", "-A", "--wait=false");

    assertThat(result.out()).isEqualTo("virtualmachine.lodge.dev/db deletion requested\n");
    assertThat(result.code()).isZero();
  }

  @Test
  void deletesNothingWithoutANameOrAll() {
    assertThat(shell.run("delete", "vm").code()).isEqualTo(2);
    assertThat(shell.run("delete").code()).isEqualTo(2);
    assertThat(shell.run("delete", "vm", "none").code()).isEqualTo(3);
    assertThat(shell.run("delete", "vm", "none", "--ignore-not-found").code()).isZero();
    assertThat(agent.requests()).hasSize(2);
  }

  @Test
  void printsLogsAsTheyCome() throws IOException {
    agent.on(
        "GET " + VERBS + "/web/log?follow=true&tailBytes=10",
        (request, in, out) -> out.write(FakeAgent.ascii("HTTP/1.1 200 OK\r\n\r\nlogin: ")));

    Shell.Result result = shell.run("logs", "-f", "--tail", "10", "web");

    assertThat(result.out()).isEqualTo("login: ");
    assertThat(result.code()).isZero();
  }

  @Test
  void theLogOfTheBootBeforeIsAskedForByName() throws IOException {
    agent.on(
        "GET " + VERBS + "/web/log?previous=true",
        (request, in, out) -> out.write(FakeAgent.ascii("HTTP/1.1 200 OK\r\n\r\npanic")));

    assertThat(shell.run("logs", "--previous", "web").out()).isEqualTo("panic");
    assertThat(shell.run("logs", "-p", "-f", "web").code()).isEqualTo(2);
  }
}
