package dev.lodge.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The record of ownership in the status: its rules hold for whoever writes it. */
class StatusRulesIT {
  private static final String VM =
      """
      apiVersion: lodge.dev/v1alpha1
      kind: VirtualMachine
      metadata: {name: t}
      spec: {cpu: {count: 1}, memory: {size: 64Mi}}
      """;

  private static @Nullable CrdServer server;

  @BeforeAll
  static void start(@TempDir Path dir) throws Exception {
    String script = System.getenv("LODGE_TEST_CRDSERVER");
    assumeTrue(script != null, "LODGE_TEST_CRDSERVER is not set");
    server = new CrdServer(script, dir.resolve("server"));
    server.install(ResourceKind.VirtualMachine);
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{epoch: 1, nodeName: a} | {epoch: 1, nodeName: a, phase: Running} |",
        "{epoch: 1, nodeName: a} | {epoch: 2, nodeName: b} |",
        "{epoch: 1, nodeName: a} | {epoch: 2, nodeName: a} |",
        "{phase: Pending} | {epoch: 0, nodeName: a} |",
        "{epoch: 5} | {epoch: 4} | status.epoch: never goes back",
        "{epoch: 5} | {phase: Running} | status.epoch: never goes back",
        "{epoch: 1, nodeName: a} | {epoch: 1, nodeName: b} | status.nodeName: a new owner raises epoch by exactly one",
        "{epoch: 1, nodeName: a} | {epoch: 3, nodeName: b} | status.nodeName: a new owner raises epoch by exactly one",
        "{epoch: 1, nodeName: a} | {epoch: 2} | status.nodeName: a new owner raises epoch by exactly one",
        "{nodeName: a} | {nodeName: b} | no such key: epoch",
        "{epoch: 1} | | status: once there, it stays",
      })
  void status_changes_only_as_the_protocol_says(
      String before, @Nullable String after, @Nullable String refusal) throws Exception {
    String path = CrdServer.path(ResourceKind.VirtualMachine, "default");
    ObjectNode vm = tree(server().send("POST", path, VM));
    try {
      vm = tree(server().send("PUT", path + "/t/status", with(vm, before).toString()));

      CrdServer.Answer answer =
          server().send("PUT", path + "/t/status", with(vm, after).toString());

      assertThat(answer.accepted()).as(answer.message()).isEqualTo(refusal == null);
      if (refusal != null) {
        assertThat(answer.message()).contains(refusal);
      }
    } finally {
      server().send("DELETE", path + "/t", "");
    }
  }

  @Test
  void status_in_a_manifest_is_ignored_and_kept_by_an_update() throws Exception {
    String path = CrdServer.path(ResourceKind.VirtualMachine, "default");
    ObjectNode vm = tree(server().send("POST", path, VM + "status: {phase: Stolen, epoch: 7}\n"));
    try {
      assertThat(vm.has("status")).isFalse();
      vm = tree(server().send("PUT", path + "/t/status", with(vm, "{epoch: 1}").toString()));

      CrdServer.Answer answer = server().send("PUT", path + "/t", with(vm, null).toString());

      assertThat(tree(answer).at("/status/epoch").asInt()).isEqualTo(1);
    } finally {
      server().send("DELETE", path + "/t", "");
    }
  }

  private static ObjectNode with(ObjectNode vm, @Nullable String status) {
    ObjectNode copy = vm.deepCopy();
    copy.remove("status");
    if (status != null) {
      copy.set("status", CrdJson.parse(status));
    }
    return copy;
  }

  private static ObjectNode tree(CrdServer.Answer answer) throws Exception {
    assertThat(answer.accepted()).as(answer.message()).isTrue();
    return (ObjectNode) LodgeJson.mapper().readTree(answer.body());
  }

  private static CrdServer server() {
    if (server == null) {
      throw new IllegalStateException("no server");
    }
    return server;
  }
}
