package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.JsonDiff;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.client.UserMetadata;
import dev.lodge.cli.output.TextTable;
import dev.lodge.domain.change.SpecChange;
import dev.lodge.domain.change.SpecDiff;
import dev.lodge.manifest.LodgeJson;
import dev.lodge.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lodge diff}. */
@Command(
    name = "diff",
    description = {
      "Show what would change.",
      "With -f: what 'lodge apply' would change, and when it takes effect. With a VM: what the guest"
          + " lacks of its spec until it is restarted.",
      "Exit code 0 without differences, 1 with, above 1 if something fails."
    },
    sortOptions = false)
public final class Diff implements Runnable {
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private final Context context;

  @Parameters(
      arity = "0..2",
      paramLabel = "[VM]",
      hideParamSyntax = true,
      description = "Name of the VM.")
  private List<String> words = List.of();

  @Mixin private Namespaced namespaced = new Namespaced();

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description = "Manifest file or directory; - is standard input. Repeatable.")
  private List<String> files = List.of();

  public Diff(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    boolean differs;
    try {
      if (files.isEmpty() == words.isEmpty()) {
        throw new Failure(ExitCode.USAGE, "name a VM, or give -f FILE");
      }
      differs = files.isEmpty() ? awaiting(OneVm.of(words, namespaced.namespace())) : ofFiles();
    } catch (Failure e) {
      // 1 says that something differs, and nothing else.
      throw e.code() == ExitCode.FAILED
          ? new Failure(ExitCode.USAGE, String.valueOf(e.getMessage()))
          : e;
    }
    if (differs) {
      throw new Failure(ExitCode.FAILED, "");
    }
  }

  private boolean awaiting(Target vm) {
    var rows = new ArrayList<List<String>>();
    JsonNode status = context.api().get(vm.path()).path("status");
    for (JsonNode change : status.path("restartAwaitingChanges")) {
      rows.add(
          List.of(
              change.path("path").asText(),
              value(change.path("current").textValue()),
              value(change.path("desired").textValue())));
    }
    print(vm, List.of("Field", "Now", "After a restart"), rows);
    return !rows.isEmpty();
  }

  private boolean ofFiles() {
    boolean differs = false;
    for (Manifest manifest : new Manifests(context, namespaced.namespace()).read(files)) {
      Target target = Manifests.target(manifest);
      Optional<JsonNode> present = context.api().find(target.path());
      if (present.isEmpty()) {
        context.out().println(target + " is not there; apply would create it");
        differs = true;
        continue;
      }
      List<List<String>> rows = rows(manifest, present.get());
      print(target, List.of("Field", "Now", "Then", "Takes effect"), rows);
      differs |= !rows.isEmpty();
    }
    return differs;
  }

  private static List<List<String>> rows(Manifest manifest, JsonNode present) {
    var rows = new ArrayList<List<String>>();
    JsonNode wanted = manifest.tree();
    for (String member : List.of("labels", "annotations")) {
      ObjectNode now = UserMetadata.of(present, member);
      // What kubectl notes for itself is no wish of anybody.
      now.remove(LAST_APPLIED);
      JsonDiff.diff("metadata." + member, now, UserMetadata.of(wanted, member))
          .forEach(d -> rows.add(row(d.path(), d.before(), d.after(), Cost.LIVE)));
    }
    if (manifest.kind() == ResourceKind.VirtualMachine) {
      VirtualMachineSpec now = LodgeJson.spec(present, VirtualMachineSpec.class);
      for (SpecChange c : SpecDiff.diff(now, manifest.spec(VirtualMachineSpec.class))) {
        rows.add(row("spec." + c.path(), c.current(), c.desired(), c.cost()));
      }
    } else {
      JsonDiff.diff("spec", present.path("spec"), wanted.path("spec"))
          .forEach(d -> rows.add(row(d.path(), d.before(), d.after(), Cost.LIVE)));
    }
    return rows;
  }

  private static List<String> row(
      String path, @Nullable String before, @Nullable String after, Cost cost) {
    String when =
        switch (cost) {
          case LIVE -> "at once";
          case NEXT_BOOT -> "at the next start";
          case IMMUTABLE -> "never: make a new object";
        };
    return List.of(path, value(before), value(after), when);
  }

  private static String value(@Nullable String text) {
    return text == null ? "<none>" : text;
  }

  private void print(Target target, List<String> heads, List<List<String>> rows) {
    if (rows.isEmpty()) {
      return;
    }
    context.out().println(target);
    var table = new TextTable(heads);
    List<String> lines = table.fit(rows);
    context.out().println("  " + table.head());
    lines.forEach(line -> context.out().println("  " + line));
  }
}
