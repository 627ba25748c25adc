package dev.lodge.agent.apiserver;

import static dev.lodge.agent.apiserver.ApiHarness.VMS;
import static dev.lodge.agent.apiserver.ApiHarness.vm;
import static dev.lodge.agent.apiserver.ApiHarness.vmKey;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WatchTest {
  private static final String MERGE = "Content-Type: application/merge-patch+json";

  @TempDir Path dir;
  private ApiHarness api;
  private final List<RawHttp> open = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    api = new ApiHarness(dir);
  }

  @AfterEach
  void stop() throws IOException {
    for (RawHttp h : open) {
      h.close();
    }
    api.close();
  }

  private RawHttp watch(String query, String... headers) throws IOException {
    RawHttp http = api.connect();
    open.add(http);
    http.send("GET " + VMS + "?watch=true" + query + " HTTP/1.1\r\nHost: lodge\r\n");
    for (String h : headers) {
      http.send(h + "\r\n");
    }
    http.send("\r\n");
    assertThat(http.head().code()).isEqualTo(200);
    return http;
  }

  private String version() throws IOException {
    return api.get(VMS).json().at("/metadata/resourceVersion").asText();
  }

  private void label(String vm, String app) throws IOException {
    assertThat(
            api.call(
                    "PATCH",
                    VMS + "/" + vm,
                    "{\"metadata\":{\"labels\":{\"app\":\"" + app + "\"}}}",
                    MERGE)
                .code())
        .isEqualTo(200);
  }

  private static String told(JsonNode event) {
    return event.path("type").asText() + " " + event.at("/object/metadata/name").asText();
  }

  @Test
  void withoutAVersionThePresentObjectsComeFirst() throws IOException {
    api.call("POST", VMS, vm("a"));
    RawHttp watch = watch("");

    api.call("POST", VMS, vm("b"));
    label("a", "db");

    assertThat(told(watch.event())).isEqualTo("ADDED a");
    assertThat(told(watch.event())).isEqualTo("ADDED b");
    assertThat(told(watch.event())).isEqualTo("MODIFIED a");
  }

  @Test
  void fromAVersionOnlyWhatCameLaterIsTold() throws IOException {
    api.call("POST", VMS, vm("a"));
    String version = version();
    api.call("POST", VMS, vm("b"));
    RawHttp watch = watch("&resourceVersion=" + version);

    api.call("DELETE", VMS + "/b", "");
    api.store.finish(vmKey("b"), api.store.get(vmKey("b")).orElseThrow().uid());

    assertThat(told(watch.event())).isEqualTo("ADDED b");
    assertThat(told(watch.event())).isEqualTo("MODIFIED b");
    assertThat(told(watch.event())).isEqualTo("DELETED b");
  }

  @Test
  void anObjectThatLeavesOrEntersTheSelectionIsToldAsGoneOrNew() throws IOException {
    api.call("POST", VMS, vm("a"));
    api.call("POST", VMS, vm("b").replace("\"web\"", "\"db\""));
    RawHttp watch = watch("&labelSelector=app%3Dweb");
    assertThat(told(watch.event())).isEqualTo("ADDED a");

    label("b", "cache");
    label("a", "db");
    label("b", "web");

    JsonNode gone = watch.event();
    assertThat(told(gone)).isEqualTo("DELETED a");
    assertThat(gone.at("/object/metadata/labels/app").asText()).isEqualTo("web");
    assertThat(told(watch.event())).isEqualTo("ADDED b");
  }

  @Test
  void otherNamespacesAndNamesAreNotTold() throws IOException {
    RawHttp all = watch("");
    RawHttp one = watch("&fieldSelector=metadata.name%3Db");
    String other = VMS.replace("default", "other");
    api.call("POST", other, vm("x").replace("\"default\"", "\"other\""));
    api.call("POST", VMS, vm("a"));
    api.call("POST", VMS, vm("b"));

    assertThat(told(all.event())).isEqualTo("ADDED a");
    assertThat(told(all.event())).isEqualTo("ADDED b");
    assertThat(told(one.event())).isEqualTo("ADDED b");
  }

  @Test
  void theEndOfTheFirstObjectsIsMarkedWhenAsked() throws IOException {
    api.call("POST", VMS, vm("a"));

    RawHttp watch =
        watch("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");

    assertThat(told(watch.event())).isEqualTo("ADDED a");
    JsonNode mark = watch.event();
    assertThat(mark.path("type").asText()).isEqualTo("BOOKMARK");
    assertThat(mark.at("/object/metadata/annotations/k8s.io~1initial-events-end").asText())
        .isEqualTo("true");
    assertThat(mark.at("/object/metadata/resourceVersion").asText()).isEqualTo(version());
    assertThat(api.get(VMS + "?watch=true&sendInitialEvents=true").code()).isEqualTo(400);
  }

  @Test
  void aVersionThatIsTooOldOrUnknownIsGone() throws IOException {
    api.call("POST", VMS, vm("a"));
    String old = version();
    api.call("POST", VMS, vm("b"));
    api.store.expire();

    RawHttp.Answer expired = api.get(VMS + "?watch=true&resourceVersion=" + old);
    RawHttp.Answer future = api.get(VMS + "?watch=true&resourceVersion=999999");

    assertThat(expired.code()).isEqualTo(410);
    assertThat(expired.json().path("reason").asText()).isEqualTo("Expired");
    assertThat(future.code()).isEqualTo(410);
  }

  @Test
  void itEndsAfterItsTimeAndTheStoreIsNotWatchedOn() throws Exception {
    RawHttp watch = watch("&timeoutSeconds=1");
    assertThat(api.store.watchers()).isEqualTo(1);

    assertThat(watch.chunk()).isEmpty();

    eventually(() -> api.store.watchers() == 0);
    // The connection is kept for another request.
    assertThat(watch.call("GET", VMS, "").code()).isEqualTo(200);
  }

  @Test
  void aClientThatLeavesIsNotWatchedForOn() throws Exception {
    RawHttp watch = watch("");
    eventually(() -> api.store.watchers() == 1);

    watch.close();

    eventually(() -> api.store.watchers() == 0);
  }

  @Test
  void tablesHaveTheirColumnsOnce() throws IOException {
    api.call("POST", VMS, vm("a"));
    RawHttp watch =
        watch("", "Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json");

    JsonNode first = watch.event();
    label("a", "db");
    JsonNode second = watch.event();

    assertThat(first.at("/object/kind").asText()).isEqualTo("Table");
    assertThat(first.at("/object/columnDefinitions")).isNotEmpty();
    assertThat(second.at("/object/columnDefinitions")).isEmpty();
    assertThat(second.at("/object/rows/0/cells/0").asText()).isEqualTo("a");
  }

  @Test
  void aClientThatDoesNotReadIsCutOffAndCostsNobodyElse() throws Exception {
    api.call("POST", VMS, vm("a"));
    RawHttp stuck = watch("");
    RawHttp reader = watch("");
    eventually(() -> api.store.watchers() == 2);
    reader.event();
    String filler = "x".repeat(100_000);

    // Far more than sockets and the queue of a watch hold.
    for (int i = 0; i < 1500; i++) {
      var vm = api.store.get(vmKey("a")).orElseThrow();
      var status = ApiJson.object().put("n", i).put("filler", i % 50 == 0 ? filler : "");
      api.store.writeStatus(vm.key(), vm.uid(), 0, status);
      assertThat(reader.event().at("/object/status/n").asInt()).isEqualTo(i);
    }

    eventually(() -> api.store.watchers() == 1);
    assertThat(stuck.read()).isGreaterThanOrEqualTo(0);
  }

  @Test
  void eventsAreWatchedAndSelected() throws IOException {
    api.call("POST", VMS, vm("a"));
    var vm = api.store.get(vmKey("a")).orElseThrow();
    api.events.record(vm.key(), vm.uid(), EventLog.Type.Normal, "Started", "the guest runs");
    String events = "/api/v1/namespaces/default/events";
    RawHttp http = api.connect();
    open.add(http);
    http.send(
        "GET "
            + events
            + "?watch=1&fieldSelector=involvedObject.uid="
            + vm.uid()
            + " HTTP/1.1\r\nHost: l\r\n\r\n");
    assertThat(http.head().code()).isEqualTo(200);
    assertThat(http.event().at("/object/reason").asText()).isEqualTo("Started");

    api.events.record(vm.key(), "other-uid", EventLog.Type.Normal, "Started", "another");
    api.events.record(vm.key(), vm.uid(), EventLog.Type.Normal, "Started", "the guest runs");

    JsonNode again = http.event();
    assertThat(again.path("type").asText()).isEqualTo("MODIFIED");
    assertThat(again.at("/object/count").asInt()).isEqualTo(2);
    assertThat(api.get(events + "?watch=1&resourceVersion=1").code()).isEqualTo(410);
  }

  static void eventually(java.util.function.BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited long enough").isLessThan(deadline);
      Thread.sleep(5);
    }
  }
}
