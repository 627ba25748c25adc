package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.ApiFailure;
import dev.lodge.cli.client.Json;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.client.UserMetadata;
import dev.lodge.cli.output.Yaml;
import dev.lodge.cli.terminal.Editor;
import dev.lodge.manifest.Manifest;
import dev.lodge.manifest.ManifestReader;
import dev.lodge.manifest.ReadResult;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lodge edit}. */
@Command(
    name = "edit",
    description = {
      "Edit an object in your editor (LODGE_EDITOR, VISUAL, EDITOR, else vi).",
      "Mistakes are shown in the file itself, which is opened again."
    },
    sortOptions = false)
public final class Edit implements Runnable {
  private static final String HELP =
      """
      # Edit the object below. Lines that begin with '#' are ignored; without a change, or with an
      # empty file, nothing is done.
      #
      """;

  private final Context context;

  @Parameters(
      arity = "1..2",
      paramLabel = "KIND NAME",
      hideParamSyntax = true,
      description = "What to edit.")
  private List<String> words = List.of();

  @Mixin private Namespaced namespaced = new Namespaced();

  public Edit(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    Targets targets = Targets.parse(words, namespaced.namespace());
    if (targets.objects().size() != 1) {
      throw new Failure(ExitCode.USAGE, "name one object to edit");
    }
    Target target = targets.objects().getFirst();
    JsonNode object = context.api().get(target.path());
    try (var editor = new Editor(context, target.name())) {
      edit(target, object, editor);
    }
  }

  private void edit(Target target, JsonNode object, Editor editor) {
    JsonNode present = object;
    String original = Yaml.write(editable(present));
    String text = original;
    String trouble = "";
    while (true) {
      String edited = withoutComments(editor.edit(HELP + comment(trouble) + text));
      if (edited.isBlank() || edited.equals(original)) {
        context.out().println("Edit cancelled, no changes made.");
        return;
      }
      if (edited.equals(text) && !trouble.isEmpty()) {
        throw new Failure(ExitCode.REFUSED, trouble + "\nNothing was changed.");
      }
      text = edited;
      ReadResult read = new ManifestReader(namespaced.namespace()).read(edited, "edit");
      if (!read.ok()) {
        trouble = read.report();
        continue;
      }
      try {
        ObjectNode wanted = checked(target, read);
        context.api().put(target.path(), UserMetadata.over(present, wanted));
        context.out().println(target + " edited");
        return;
      } catch (ApiFailure e) {
        trouble = String.valueOf(e.getMessage());
        if (e.status() == 409) {
          present = context.api().get(target.path());
          trouble =
              "It was changed meanwhile; saving now would replace this:\n"
                  + Yaml.write(editable(present));
        }
      } catch (Failure e) {
        if (e.code() != ExitCode.REFUSED) {
          throw e;
        }
        trouble = String.valueOf(e.getMessage());
      }
    }
  }

  private static ObjectNode checked(Target target, ReadResult read) {
    if (read.manifests().size() != 1) {
      throw new Failure(ExitCode.REFUSED, "the file must hold this one object");
    }
    Manifest manifest = read.manifests().getFirst();
    if (!Manifests.target(manifest).equals(target)) {
      throw new Failure(
          ExitCode.REFUSED,
          "kind, name and namespace cannot be edited: this is " + manifest.label());
    }
    return manifest.tree();
  }

  /** What a user may change, and what says which object it is. */
  private static ObjectNode editable(JsonNode object) {
    ObjectNode out = Json.object();
    out.set("apiVersion", object.path("apiVersion"));
    out.set("kind", object.path("kind"));
    ObjectNode metadata = out.putObject("metadata");
    metadata.set("name", object.path("metadata").path("name"));
    if (object.path("metadata").has("namespace")) {
      metadata.set("namespace", object.path("metadata").path("namespace"));
    }
    for (String member : List.of("labels", "annotations")) {
      ObjectNode map = UserMetadata.of(object, member);
      if (!map.isEmpty()) {
        metadata.set(member, map);
      }
    }
    out.set("spec", object.path("spec"));
    return out;
  }

  private static String comment(String trouble) {
    return trouble.isEmpty()
        ? ""
        : trouble.lines().map(line -> "# " + line + "\n").collect(Collectors.joining()) + "#\n";
  }

  /** Only the comments on top are ours; those of the user's text may be part of a block of text. */
  private static String withoutComments(String text) {
    return text.lines()
        .dropWhile(line -> line.startsWith("#"))
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
