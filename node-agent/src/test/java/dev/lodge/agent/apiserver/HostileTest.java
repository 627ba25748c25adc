package dev.lodge.agent.apiserver;

import static dev.lodge.agent.apiserver.ApiHarness.VERBS;
import static dev.lodge.agent.apiserver.ApiHarness.VMS;
import static dev.lodge.agent.apiserver.ApiHarness.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may send that means no good: answered or cut off, and the next one is served. */
@Timeout(60)
class HostileTest {
  @TempDir Path dir;
  private ApiHarness api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiHarness(dir, limits(1 << 20), Optional.empty());
  }

  private static ApiServerConfig.Limits limits(int allBodies) {
    return new ApiServerConfig.Limits(
        64 << 10,
        allBodies,
        8,
        3,
        2,
        Duration.ofMillis(600),
        Duration.ofMillis(600),
        Duration.ofMillis(600),
        Duration.ofSeconds(5));
  }

  @AfterEach
  void aGoodRequestIsStillServed() throws IOException {
    try {
      assertThat(api.get(VMS).code()).isEqualTo(200);
    } finally {
      api.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        VMS + "/..",
        VMS + "/%2e%2e",
        VMS + "/%2e%2e%2fetc%2fpasswd",
        VMS + "/a%00",
        VMS + "/a%2fb",
        VMS + "/a%5cb",
        VMS + "/%zz",
        VMS + "/%",
        VMS + "/a%0d%0aSet-Cookie:x",
        VMS + "/%ff%fe",
        VMS + "//a",
        VMS + "/A_B",
        VMS + "/a/exec",
        VERBS + "/a/../../../x",
        VERBS + "/a/explode",
        VERBS + "/%2e%2e/start",
        "/apis/lodge.dev/v1alpha1/namespaces/../virtualmachines",
        "/apis/lodge.dev/v1alpha1/namespaces/%2e%2e/virtualmachines",
        "/apis/lodge.dev/v2/namespaces/default/virtualmachines",
        "/openapi/v3/../../etc",
        "/openapi/v2",
        "/",
        "/favicon.ico",
      })
  void pathsThatAreNoneAreNotFound(String path) throws IOException {
    RawHttp.Answer answer = api.get(path);

    assertThat(answer.code()).isEqualTo(404);
    assertThat(answer.json().path("kind").asText()).isEqualTo("Status");
  }

  @Test
  void aBodyThatIsTooLongIsRefusedBeforeItIsRead() throws IOException {
    try (RawHttp http = api.connect()) {
      http.send(
          "POST "
              + VMS
              + " HTTP/1.1\r\nHost: l\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999\r\n\r\n");
      RawHttp.Answer answer = http.answer();

      assertThat(answer.code()).isEqualTo(413);
      assertThat(answer.json().path("reason").asText()).isEqualTo("RequestEntityTooLarge");
    }
  }

  @Test
  void aBodyThatDoesNotEndIsCutOffAtTheBound() throws IOException {
    try (RawHttp http = api.connect()) {
      http.send("POST " + VMS + " HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n");
      String chunk = "1000\r\n" + "x".repeat(4096) + "\r\n";
      for (int i = 0; i < 20; i++) {
        http.send(chunk);
      }

      assertThat(http.answer().code()).isEqualTo(413);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[]",
        "null",
        "{}{}",
        "{\"kind\":\"VirtualMachine\",\"kind\":\"VmImage\"}",
        "{\"a\":NaN}",
        "\u0000",
      })
  void whatIsNoObjectIsABadRequest(String body) throws IOException {
    RawHttp.Answer answer = api.call("POST", VMS, body);

    assertThat(answer.code()).isEqualTo(400);
    assertThat(answer.json().path("reason").asText()).isEqualTo("BadRequest");
  }

  @Test
  void deepJsonIsABadRequest() throws IOException {
    String deep = "{\"a\":".repeat(3000) + "1" + "}".repeat(3000);

    assertThat(api.call("POST", VMS, deep).code()).isEqualTo(400);
    assertThat(
            api.call(
                    "PATCH",
                    VMS + "/a",
                    "[".repeat(5000),
                    "Content-Type: application/json-patch+json")
                .code())
        .isIn(400, 404);
  }

  @Test
  void namesThatAreNoneAreRefusedAndNeverReachTheStore() throws IOException {
    for (String name : List.of("../../etc/x", "a/b", "A", "", "a".repeat(300), "-a")) {
      RawHttp.Answer answer = api.call("POST", VMS, vm(name));
      assertThat(answer.code()).as(name).isEqualTo(422);
    }
    assertThat(api.store.list(dev.lodge.api.ResourceKind.VirtualMachine).items()).isEmpty();
  }

  @Test
  void allBodiesTogetherHaveABound() throws IOException {
    Path own = Files.createDirectory(dir.resolve("own"));
    try (ApiHarness small = new ApiHarness(own, limits(40 << 10), Optional.empty())) {
      RawHttp.Answer tooMuch = small.call("POST", VMS, " ".repeat(60_000) + "{}");
      assertThat(tooMuch.code()).isEqualTo(429);
      assertThat(tooMuch.headers()).containsKey("retry-after");
      // And what an answered request took is there for the next.
      for (int i = 0; i < 5; i++) {
        assertThat(small.call("POST", VMS, " ".repeat(30_000) + "{}").code()).isEqualTo(400);
      }
    }
  }

  @Test
  void aBodyOfTooManyValuesIsABadRequest() throws IOException {
    String many = "[" + "1,".repeat(30_000) + "1]";

    assertThat(api.call("POST", VMS, "{\"spec\":" + many + "}").code()).isEqualTo(400);
    assertThat(
            api.call("PATCH", VMS + "/a", many, "Content-Type: application/json-patch+json")
                .json()
                .path("message")
                .asText())
        .isNotEmpty();
  }

  @Test
  void aHeadThatDoesNotComeClosesTheConnection() throws Exception {
    try (RawHttp http = api.connect()) {
      http.send("GET " + VMS + " HTTP/1.1\r\nHost:");

      assertThat(trickleUntilClosed(http, "x")).isTrue();
    }
  }

  @Test
  void aBodyThatTricklesClosesTheConnection() throws Exception {
    try (RawHttp http = api.connect()) {
      http.send("POST " + VMS + " HTTP/1.1\r\nHost: l\r\nContent-Length: 60000\r\n\r\n");

      assertThat(trickleUntilClosed(http, " ")).isTrue();
    }
  }

  /** Sends a byte now and then, as long as the server lets it. */
  private static boolean trickleUntilClosed(RawHttp http, String what) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    try {
      while (System.nanoTime() < deadline) {
        http.send(what);
        Thread.sleep(50);
      }
    } catch (IOException e) {
      return true;
    }
    return false;
  }

  @Test
  void anIdleConnectionIsClosedAndABusyWatchIsNot() throws Exception {
    try (RawHttp idle = api.connect();
        RawHttp watch = api.connect()) {
      idle.call("GET", VMS, "");
      watch.send("GET " + VMS + "?watch=true HTTP/1.1\r\nHost: l\r\n\r\n");
      watch.head();

      assertThat(idle.read()).isEqualTo(-1);

      api.call("POST", VMS, vm("a"));
      assertThat(watch.event().path("type").asText()).isEqualTo("ADDED");
    }
  }

  @Test
  void moreConnectionsThanAreBorneAreClosed() throws Exception {
    List<RawHttp> all = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        all.add(api.connect());
        assertThat(all.getLast().call("GET", "/healthz", "").code()).isEqualTo(200);
      }
      try (RawHttp tooMany = api.connect()) {
        assertThat(closedAtOnce(tooMany)).isTrue();
      }
    } finally {
      for (RawHttp h : all) {
        h.close();
      }
    }
    WatchTest.eventually(
        () -> {
          try {
            return api.get("/healthz").code() == 200;
          } catch (IOException e) {
            return false;
          }
        });
  }

  private static boolean closedAtOnce(RawHttp http) {
    try {
      http.call("GET", "/healthz", "");
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void moreWatchesThanAreBorneAreTooManyRequests() throws Exception {
    List<RawHttp> all = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        RawHttp http = api.connect();
        all.add(http);
        http.send("GET " + VMS + "?watch=true HTTP/1.1\r\nHost: l\r\n\r\n");
        assertThat(http.head().code()).isEqualTo(200);
      }

      RawHttp.Answer refused = api.get(VMS + "?watch=true");

      assertThat(refused.code()).isEqualTo(429);
      assertThat(refused.headers()).containsEntry("retry-after", "1");
    } finally {
      for (RawHttp h : all) {
        h.close();
      }
    }
    WatchTest.eventually(() -> api.store.watchers() == 0);
    try (RawHttp http = api.connect()) {
      http.send("GET " + VMS + "?watch=true HTTP/1.1\r\nHost: l\r\n\r\n");
      assertThat(http.head().code()).isEqualTo(200);
    }
  }

  @Test
  void longHeadersAndLinesAreRefused() throws IOException {
    assertThat(
            codeOrClosed("GET " + VMS + "?x=" + "y".repeat(9000) + " HTTP/1.1\r\nHost: l\r\n\r\n"))
        .isIn(-1, 400, 414);
    assertThat(
            codeOrClosed(
                "GET " + VMS + " HTTP/1.1\r\nHost: l\r\nX: " + "y".repeat(20_000) + "\r\n\r\n"))
        .isIn(-1, 400, 431);
    assertThat(codeOrClosed("nonsense\r\n\r\n")).isIn(-1, 400);
    assertThat(
            codeOrClosed(
                "POST "
                    + VMS
                    + " HTTP/1.1\r\nHost: l\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
        .isIn(-1, 400);
  }

  private int codeOrClosed(String raw) throws IOException {
    try (RawHttp http = api.connect()) {
      http.send(raw);
      return http.head().code();
    } catch (EOFException e) {
      return -1;
    }
  }

  @Test
  void methodsAndTypesThatAreNoneAreSaidSo() throws IOException {
    assertThat(api.call("BREW", VMS, "").code()).isEqualTo(405);
    assertThat(api.call("DELETE", VMS, "").code()).isEqualTo(405);
    assertThat(api.call("POST", "/version", "").code()).isEqualTo(405);
    assertThat(api.call("POST", VMS, vm("a"), "Content-Type: application/x-protobuf").code())
        .isEqualTo(415);
    assertThat(api.get(VMS, "Accept: application/vnd.kubernetes.protobuf").code()).isEqualTo(406);
    assertThat(api.get(VMS + "?watch=true&resourceVersion=abc").code()).isEqualTo(400);
    assertThat(api.get(VMS + "?continue=xyz").code()).isEqualTo(410);
    assertThat(api.call("POST", VMS + "?dryRun=Some", vm("a")).code()).isEqualTo(400);
    assertThat(api.call("POST", VERBS + "/a/start", "{\"forse\":true}").code()).isEqualTo(400);
  }
}
