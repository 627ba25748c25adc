package dev.lodge.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl lodge}: each verb that works in a cluster, as a person types it. */
class KubectlLodgeE2E {
  private static World world;

  @TempDir Path dir;

  @BeforeAll
  static void world() {
    world = World.of("plugin");
  }

  @AfterAll
  static void away() {
    if (world != null) {
      world.close();
    }
  }

  @Test
  void get_and_describe_tell_of_a_running_vm() {
    Vm vm = world.apply(tiny("told"));
    vm.running();

    assertThat(lodge("get", "vm", "told").ok().out()).contains("told", "Running", vm.node());
    assertThat(lodge("get", "vm", "told", "-o", "yaml").ok().out())
        .contains("nodeName: " + vm.node());
    assertThat(lodge("describe", "told").ok().out())
        .contains("Phase:        Running", "Node:         " + vm.node())
        .contains("Scheduled: True, Bound", "FailoverReady: True");
    Shell.Result none = lodge("describe", "nobody");
    assertThat(none.code()).isEqualTo(3);
    assertThat(none.err()).contains("nobody");
  }

  @Test
  void stop_start_and_edit_change_the_object() throws IOException {
    Vm vm = world.apply(tiny("changed"));
    vm.running();

    lodge("stop", "changed", "--wait").ok();
    assertThat(vm.phase()).isEqualTo("Stopped");
    assertThat(vm.qemus(World.nodes())).isZero();
    assertThat(lodge("stop", "changed").ok().out()).contains("PoweredOff already");

    Path editor = dir.resolve("editor");
    Files.writeString(editor, "#!/bin/sh\nexec sed -i 's/size: 2Mi/size: 4Mi/' \"$1\"\n");
    assertThat(editor.toFile().setExecutable(true)).isTrue();
    Shell.run(
            "env",
            "LODGE_EDITOR=" + editor,
            Bed.CHECKOUT + "/bin/kubectl-lodge",
            "edit",
            "vm",
            "changed",
            "-n",
            world.namespace)
        .ok();
    assertThat(vm.object().orElseThrow().at("/spec/memory/size").asText()).isEqualTo("4Mi");

    lodge("start", "changed", "--wait").ok();
    vm.running();
  }

  @Test
  void diff_shows_what_a_file_would_change_and_changes_nothing() throws IOException {
    Vm vm = world.apply(tiny("compared"));
    vm.running();
    Path file = dir.resolve("vm.yaml");
    Files.writeString(file, tiny("compared").replace("size: 2Mi", "size: 8Mi"));

    Shell.Result differs = lodge("diff", "-f", file.toString());

    assertThat(differs.code()).as(differs.err()).isEqualTo(1);
    assertThat(differs.out()).contains("memory", "2Mi", "8Mi");
    assertThat(vm.object().orElseThrow().at("/spec/memory/size").asText()).isEqualTo("2Mi");
    Files.writeString(file, tiny("compared"));
    assertThat(lodge("diff", "-f", file.toString()).code()).isZero();
  }

  @Test
  void what_does_not_work_in_a_cluster_yet_says_so_and_is_not_in_the_help() {
    String help = lodge("--help").ok().out();
    assertThat(help).contains("describe", "start").doesNotContain("console", "restart", "pause");
    for (String verb : List.of("console", "restart", "pause", "reset", "logs")) {
      Shell.Result r = lodge(verb, "nobody");
      assertThat(r.code()).as(verb).isEqualTo(2);
      assertThat(r.err()).contains("does not work in a cluster yet");
    }
  }

  private static Shell.Result lodge(String... words) {
    var all = new ArrayList<>(List.of(Bed.CHECKOUT + "/bin/kubectl-lodge"));
    all.addAll(List.of(words));
    if (!words[0].equals("--help")) {
      all.addAll(List.of("-n", world.namespace));
    }
    return Shell.run(null, all);
  }

  private static String tiny(String name) {
    return World.tiny(name, "interfaces: []");
  }
}
