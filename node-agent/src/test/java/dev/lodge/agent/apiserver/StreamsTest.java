package dev.lodge.agent.apiserver;

import static dev.lodge.agent.apiserver.ApiHarness.VERBS;
import static dev.lodge.agent.apiserver.ApiHarness.VMS;
import static dev.lodge.agent.apiserver.ApiHarness.vm;
import static dev.lodge.agent.apiserver.ApiHarness.vmKey;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Verbs, logs, consoles and the other things that Kubernetes has no word for. */
@Timeout(60)
class StreamsTest {
  private static final String CONSOLE = VERBS + "/a/console";

  @TempDir Path dir;
  private ApiHarness api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiHarness(dir);
    api.call("POST", VMS, vm("a"));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private void say(String text) throws IOException {
    Files.writeString(api.consoles.log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void verbsAreHandedOnWithForceAndUser() throws IOException {
    RawHttp.Answer start = api.call("PUT", VERBS + "/a/start", "");
    RawHttp.Answer stop = api.call("POST", VERBS + "/a/stop", "{\"force\":true}");

    assertThat(start.code()).isEqualTo(200);
    assertThat(start.json().path("status").asText()).isEqualTo("Success");
    assertThat(stop.code()).isEqualTo(200);
    String user = "uid:" + Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assertThat(api.verbs).containsExactly("start a false " + user, "stop a true " + user);
  }

  @Test
  void whatCameOfAVerbIsToldByCodeAndMessage() throws IOException {
    api.verbResult = new Verbs.Result.Accepted("the power button was pressed");
    assertThat(api.call("POST", VERBS + "/a/stop", "{}").code()).isEqualTo(202);
    api.verbResult = new Verbs.Result.Refused("a is off; start it first");
    RawHttp.Answer refused = api.call("POST", VERBS + "/a/reset", "{}");
    assertThat(refused.code()).isEqualTo(409);
    assertThat(refused.json().path("message").asText()).isEqualTo("a is off; start it first");
    assertThat(api.call("POST", VERBS + "/none/reset", "{}").code()).isEqualTo(404);
    assertThat(api.get(VERBS + "/a/reset").code()).isEqualTo(405);
  }

  @Test
  void xmlLeasesAndCapabilitiesAreServed() throws IOException {
    RawHttp.Answer xml = api.get(VERBS + "/a/xml");
    JsonNode leases =
        api.get("/apis/subresources.lodge.dev/v1alpha1/namespaces/default/vmnetworks/lan/leases")
            .json();
    JsonNode host = api.get("/apis/subresources.lodge.dev/v1alpha1/host/capabilities").json();

    assertThat(xml.text()).startsWith("<domain type='qemu'>");
    assertThat(xml.headers()).containsEntry("lodge-xml", "live");
    assertThat(leases.at("/items/0/expires").asText()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(host.at("/kvm/why").asText()).isEqualTo("no /dev/kvm");
  }

  @Test
  void theLogIsTextAndRawOnlyWhenAsked() throws IOException {
    say("\u001b[31mred\u001b[0m\r\nplain\r\n");

    assertThat(api.get(VERBS + "/a/log").text()).isEqualTo("red\nplain\n");
    assertThat(api.get(VERBS + "/a/log?raw=true").text())
        .isEqualTo("\u001b[31mred\u001b[0m\r\nplain\r\n");
    assertThat(api.get(VERBS + "/a/log?tailBytes=7").text()).isEqualTo("plain\n");
    RawHttp.Answer virtio = api.get(VERBS + "/a/log?device=virtio");
    assertThat(virtio.code()).isEqualTo(400);
    assertThat(virtio.json().path("message").asText()).contains("it has: serial");
    assertThat(api.get(VERBS + "/a/log?device=../x").code()).isEqualTo(400);
  }

  @Test
  void theBootBeforeHasALogOfItsOwn() throws IOException {
    say("second boot\n");
    RawHttp.Answer none = api.get(VERBS + "/a/log?previous=true");
    Path previous = api.consoles.of(vmKey("a"), null).previousLog();
    Files.createDirectories(previous.getParent());
    Files.writeString(previous, "first boot\nKernel panic\n");

    assertThat(none.code()).isEqualTo(404);
    assertThat(none.json().path("message").asText()).contains("no log of an earlier boot");
    assertThat(api.get(VERBS + "/a/log?previous=true").text())
        .isEqualTo("first boot\nKernel panic\n");
    assertThat(api.get(VERBS + "/a/log?previous=true&tailBytes=6").text()).isEqualTo("panic\n");
    assertThat(api.get(VERBS + "/a/log").text()).isEqualTo("second boot\n");
    assertThat(api.get(VERBS + "/a/log?previous=true&follow=true").code()).isEqualTo(400);
  }

  @Test
  void aConsoleThatSaidNothingHasAnEmptyLog() throws IOException {
    RawHttp.Answer answer = api.get(VERBS + "/a/log");

    assertThat(answer.code()).isEqualTo(200);
    assertThat(answer.text()).isEmpty();
  }

  @Test
  void aFollowedLogGoesOnUntilTheVmIsGone() throws IOException {
    say("one\n");
    try (RawHttp http = api.connect()) {
      http.send("GET " + VERBS + "/a/log?follow=true HTTP/1.1\r\nHost: l\r\n\r\n");
      assertThat(http.head().code()).isEqualTo(200);
      assertThat(new String(http.chunk(), StandardCharsets.UTF_8)).isEqualTo("one\n");

      say("two\n");
      assertThat(new String(http.chunk(), StandardCharsets.UTF_8)).isEqualTo("two\n");

      var stored = api.store.get(vmKey("a")).orElseThrow();
      api.store.finish(vmKey("a"), stored.uid());
      assertThat(http.chunk()).isEmpty();
    }
  }

  @Test
  void theConsoleReplaysThenFollowsAndTakesKeys() throws Exception {
    say("boot\r\nlogin: ");
    try (RawWebSocket console = RawWebSocket.open(api, CONSOLE + "?device=serial")) {
      assertThat(console.read(13)).isEqualTo("boot\r\nlogin: ");

      console.send(RawWebSocket.BINARY, bytes("root\r"));
      WatchTest.eventually(() -> api.consoles.typed().equals("root\r"));
      say("\u001b[1m# ");

      assertThat(console.read(6)).isEqualTo("\u001b[1m# ");
    }
    WatchTest.eventually(() -> api.consoles.typed().endsWith("<closed>"));
  }

  @Test
  void noByteIsLostWhenTheLogIsRotatedUnderAConsole() throws Exception {
    StringBuilder said = new StringBuilder();
    try (RawWebSocket console = RawWebSocket.open(api, CONSOLE)) {
      StringBuilder heard = new StringBuilder();
      for (int i = 0; i < 60; i++) {
        String line = "line " + i + " " + "x".repeat(i * 50) + "\n";
        say(line);
        said.append(line);
        if (i % 7 == 6) {
          Path log = api.consoles.log;
          Path zero = log.resolveSibling(log.getFileName() + ".0");
          Path one = log.resolveSibling(log.getFileName() + ".1");
          if (Files.exists(zero)) {
            Files.move(zero, one, StandardCopyOption.ATOMIC_MOVE);
          }
          Files.move(log, zero, StandardCopyOption.ATOMIC_MOVE);
        }
        if (i % 5 == 4) {
          heard.append(console.read(said.length() - heard.length()));
        }
      }
      assertThat(heard).hasToString(said.toString());
    }
  }

  @Test
  void whenTheGuestIsGoneItsLastWordsComeBeforeTheEnd() throws IOException {
    say("running\n");
    try (RawWebSocket console = RawWebSocket.open(api, CONSOLE)) {
      assertThat(console.read(8)).isEqualTo("running\n");
      say("kernel panic\n");
      api.consoles.ended.complete(null);

      assertThat(console.read(13)).isEqualTo("kernel panic\n");
      RawWebSocket.Frame end = console.closeFrame();
      assertThat(end.code()).isEqualTo(1000);
      assertThat(end.reason()).isNotEmpty();
    }
  }

  @Test
  void aSecondSessionTakesTheConsoleAndTheFirstIsTold() throws IOException {
    try (RawWebSocket first = RawWebSocket.open(api, CONSOLE);
        RawWebSocket second = RawWebSocket.open(api, CONSOLE)) {
      RawWebSocket.Frame end = first.closeFrame();

      assertThat(end.code()).isEqualTo(1008);
      assertThat(end.reason()).contains("another session");
      say("still here\n");
      assertThat(second.read(11)).isEqualTo("still here\n");
    }
  }

  @Test
  void aConsoleThatCannotBeOpenedIsRefusedBeforeTheUpgrade() throws IOException {
    api.consoles.refusal =
        new ApiException(ApiException.Reason.Conflict, "a does not run; start it first");
    try (RawHttp http = api.connect()) {
      http.send(RawWebSocket.handshake(CONSOLE, GuestStreams.SUBPROTOCOL));
      RawHttp.Answer answer = http.answer();

      assertThat(answer.code()).isEqualTo(409);
      assertThat(answer.json().path("message").asText())
          .isEqualTo("a does not run; start it first");
    }
    try (RawHttp http = api.connect()) {
      assertThat(http.send(RawWebSocket.handshake(CONSOLE, "")).answer().code()).isEqualTo(400);
    }
    try (RawHttp http = api.connect()) {
      assertThat(http.send(RawWebSocket.handshake(CONSOLE, "v4.channel.k8s.io")).answer().code())
          .isEqualTo(400);
    }
    assertThat(api.get(CONSOLE).code()).isEqualTo(400);
  }

  @Test
  void textAndOversizedFramesEndTheSession() throws IOException {
    try (RawWebSocket console = RawWebSocket.open(api, CONSOLE)) {
      console.send(RawWebSocket.TEXT, bytes("hello"));
      assertThat(console.closeFrame().code()).isEqualTo(1003);
    }
    try (RawWebSocket console = RawWebSocket.open(api, CONSOLE)) {
      console.send(RawWebSocket.BINARY, new byte[100_000]);
      assertThat(endsWithin(console)).isTrue();
    }
    assertThat(api.consoles.typed().replace("<closed>", "")).isEmpty();
  }

  private static boolean endsWithin(RawWebSocket console) {
    try {
      console.closeFrame();
      return true;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void consolesAreBounded() throws Exception {
    List<RawHttp> logs = new ArrayList<>();
    try {
      for (int i = 0; i < ApiServerConfig.Limits.DEFAULT.consoles(); i++) {
        RawHttp http = api.connect();
        logs.add(http);
        http.send("GET " + VERBS + "/a/log?follow=true HTTP/1.1\r\nHost: l\r\n\r\n");
        assertThat(http.head().code()).isEqualTo(200);
      }
      assertThat(api.get(VERBS + "/a/log").code()).isEqualTo(429);
    } finally {
      for (RawHttp h : logs) {
        h.close();
      }
    }
    WatchTest.eventually(
        () -> {
          try {
            return api.get(VERBS + "/a/log").code() == 200;
          } catch (IOException e) {
            return false;
          }
        });
  }

  @Test
  void streamsAndRequestsAreMeasured() throws IOException {
    api.get(VMS);
    api.get(VMS + "/nothing");

    String text = api.get("/metrics").text();

    assertThat(text)
        .contains(
            "lodge_api_request_seconds_count{code=\"200\",method=\"GET\",resource=\"virtualmachines\"}",
            "lodge_api_request_seconds_count{code=\"404\",method=\"GET\",resource=\"virtualmachines\"}",
            "lodge_api_streams 0");
  }

  @Test
  void closingTheServerEndsStreamsInOrder() throws IOException {
    try (RawWebSocket console = RawWebSocket.open(api, CONSOLE);
        RawHttp watch = api.connect()) {
      watch.send("GET " + VMS + "?watch=true&resourceVersion=101 HTTP/1.1\r\nHost: l\r\n\r\n");
      watch.head();

      api.close();

      assertThat(console.closeFrame().code()).isEqualTo(1001);
      assertThat(watch.chunk()).isEmpty();
    }
  }
}
