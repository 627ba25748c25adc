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

class EditTest extends CommandTest {

  /** An editor that does one step of a script each time, and keeps what it was shown. */
  private String editor(String... steps) throws IOException {
    var script = new StringBuilder("n=$(ls " + directory + "/seen.* 2>/dev/null | wc -l)\n");
    script.append("cp \"$1\" " + directory + "/seen.$n\ncase $n in\n");
    for (int i = 0; i < steps.length; i++) {
      script.append(i).append(") ").append(steps[i]).append(" ;;\n");
    }
    script.append("*) exit 9 ;;\nesac\n");
    return "sh " + file("editor", script.toString());
  }

  private String seen(int n) throws IOException {
    return Files.readString(directory.resolve("seen." + n));
  }

  private Shell.Result edit(String editor) {
    agent.json("GET " + VMS + "/web", 200, vm("web", "Running", "Running", ""));
    return shell.variable("EDITOR", editor).run("edit", "vm", "web");
  }

  @Test
  void sendsTheChangedObjectWithTheVersionThatWasShown() throws IOException {
    agent.json("PUT " + VMS + "/web", 200, "{}");

    Shell.Result result = edit(editor("sed -i s/128Mi/256Mi/ \"$1\""));

    assertThat(result.out()).isEqualTo("virtualmachine.lodge.dev/web edited\n");
    assertThat(seen(0))
        .startsWith("# Edit the object below.")
        .endsWith(
            """
            #
            apiVersion: lodge.dev/v1alpha1
            kind: VirtualMachine
            metadata:
              name: web
              namespace: default
            spec:
              cpu:
                count: 1
              memory:
                size: 128Mi
            """);
    assertThat(agent.requests().getLast().body())
        .contains("\"size\":\"256Mi\"")
        .contains("\"resourceVersion\":\"7\"")
        .doesNotContain("status");
  }

  @Test
  void doesNothingWithoutAChange() throws IOException {
    Shell.Result result = edit(editor("true"));

    assertThat(result.out()).isEqualTo("Edit cancelled, no changes made.\n");
    assertThat(result.code()).isZero();
    assertThat(agent.requests()).hasSize(1);
  }

  @Test
  void opensTheFileAgainWithTheMistakeOnTop() throws IOException {
    agent.json("PUT " + VMS + "/web", 200, "{}");

    Shell.Result result =
        edit(
            editor(
                "sed -i s/memory:/memry:/ \"$1\"",
                "sed -i 's/memry:/memory:/; s/128/512/' \"$1\""));

    assertThat(seen(1))
        .contains(
            "# edit:9:3: VirtualMachine default/web: spec.memry: no such field; did you mean memory?\n")
        .contains("\n  memry:\n");
    assertThat(result.out()).isEqualTo("virtualmachine.lodge.dev/web edited\n");
    assertThat(agent.requests().getLast().body()).contains("512Mi");
  }

  @Test
  void givesUpWhenAMistakeIsSavedAgainUnchanged() throws IOException {
    Shell.Result result = edit(editor("sed -i s/memory:/memry:/ \"$1\"", "true"));

    assertThat(result.err()).contains("no such field").endsWith("Nothing was changed.\n");
    assertThat(result.code()).isEqualTo(4);
  }

  @Test
  void showsWhatSomebodyElseChangedMeanwhile() throws IOException {
    var tries = new AtomicInteger();
    agent.on(
        "PUT " + VMS + "/web",
        (request, in, out) ->
            out.write(
                tries.getAndIncrement() == 0
                    ? FakeAgent.response(409, FakeAgent.failure(409, "Conflict", "changed"))
                    : FakeAgent.response(200, "{}")));

    Shell.Result result =
        edit(editor("sed -i s/128Mi/256Mi/ \"$1\"", "sed -i s/256Mi/300Mi/ \"$1\""));

    assertThat(seen(1)).contains("# It was changed meanwhile").contains("#     size: 128Mi\n");
    assertThat(result.code()).isZero();
  }

  @Test
  void refusesAnotherNameAndAFailedEditor() throws IOException {
    Shell.Result renamed = edit(editor("sed -i 's/name: web/name: db/' \"$1\"", "true"));
    Shell.Result failed = edit("false");

    assertThat(renamed.err()).contains("kind, name and namespace cannot be edited");
    assertThat(failed.err()).isEqualTo("error: the editor 'false' ended with code 1\n");
    assertThat(failed.code()).isEqualTo(1);
  }

  @Test
  void leavesNoFileBehind() throws IOException {
    edit(editor("echo \"$1\" >" + directory + "/name; true"));

    assertThat(Path.of(Files.readString(directory.resolve("name")).strip())).doesNotExist();
  }
}
