package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.validation.FieldProblem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads manifests, YAML or JSON, one or many to a file, strictly: what an API server would refuse
 * is a problem here too, with its line and the mend. Nothing is thrown for what a file may hold.
 */
public final class ManifestReader {
  private final String defaultNamespace;

  /** A reader that puts objects without a namespace into {@code default}. */
  public ManifestReader() {
    this("default");
  }

  /**
   * @param defaultNamespace of objects that name none
   */
  public ManifestReader(String defaultNamespace) {
    this.defaultNamespace = defaultNamespace;
  }

  /**
   * Reads a file's content.
   *
   * @param file its name, for messages
   */
  public ReadResult read(byte[] content, String file) {
    if (content.length > Limits.BYTES) {
      return refused(
          file,
          Position.START,
          "has %d KiB; a file of manifests may have %d KiB: split it"
              .formatted(content.length >> 10, Limits.BYTES >> 10));
    }
    if (content.length >= 2
        && ((content[0] == (byte) 0xff && content[1] == (byte) 0xfe)
            || (content[0] == (byte) 0xfe && content[1] == (byte) 0xff))) {
      return refused(file, Position.START, "is UTF-16; save it as UTF-8");
    }
    ByteBuffer bytes = ByteBuffer.wrap(content);
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(bytes)
              .toString();
      return read(text, file);
    } catch (CharacterCodingException e) {
      return refused(
          file, position(content, bytes.position()), "is not UTF-8 here; save the file as UTF-8");
    }
  }

  private static Position position(byte[] content, int offset) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < offset; i++) {
      boolean end = content[i] == '\n';
      line += end ? 1 : 0;
      column = end ? 1 : column + 1;
    }
    return new Position(line, column);
  }

  private static ReadResult refused(String file, Position at, String message) {
    return new ReadResult(List.of(), List.of(ManifestProblem.ofFile(file, at, "", message)));
  }

  /**
   * Reads a text.
   *
   * @param file its name, for messages
   */
  public ReadResult read(String text, String file) {
    if (text.length() > Limits.BYTES) {
      return refused(
          file,
          Position.START,
          "has %d KiB; a file of manifests may have %d KiB: split it"
              .formatted(text.length() >> 10, Limits.BYTES >> 10));
    }
    var reading = new Reading(file);
    String body = text.startsWith("\ufeff") ? text.substring(1) : text;
    @Nullable SyntaxException mistake;
    List<Document> documents;
    if (JsonDocuments.looksLikeJson(body)) {
      var json = new JsonDocuments();
      mistake = attempt(() -> json.read(body));
      documents = json.documents();
    } else {
      var yaml = new YamlDocuments(body);
      mistake = attempt(yaml::read);
      documents = yaml.documents();
    }
    documents.forEach(reading::document);
    if (mistake != null) {
      reading.problems.add(
          ManifestProblem.ofFile(file, mistake.position(), mistake.path(), mistake.what()));
    }
    return reading.result();
  }

  private static @Nullable SyntaxException attempt(Runnable read) {
    try {
      read.run();
      return null;
    } catch (SyntaxException e) {
      return e;
    }
  }

  /** What came out of one file so far. */
  private final class Reading {
    final String file;
    final List<Manifest> manifests = new ArrayList<>();
    final List<ManifestProblem> problems = new ArrayList<>();
    final Map<String, Position> seen = new HashMap<>();

    Reading(String file) {
      this.file = file;
    }

    ReadResult result() {
      problems.sort(
          Comparator.comparingInt(ManifestProblem::line).thenComparingInt(ManifestProblem::column));
      return new ReadResult(List.copyOf(manifests), List.copyOf(problems));
    }

    void document(Document document) {
      if (document.tree() instanceof ObjectNode object) {
        object(object, document.positions());
      } else {
        problem(
            FieldProblem.error(
                "",
                "a manifest is an object that begins with apiVersion and kind, but this is "
                    + Words.of(document.tree())),
            document.positions(),
            "");
      }
    }

    private void object(ObjectNode object, Positions positions) {
      String kind = object.path("kind").asText("");
      if (kind.endsWith("List") && object.path("items").isArray()) {
        JsonNode items = object.path("items");
        for (int i = 0; i < items.size(); i++) {
          document(new Document(items.get(i), positions.below(Positions.item("items", i))));
        }
        return;
      }
      List<FieldProblem> found = new ArrayList<>();
      Optional<ResourceKind> known = ObjectCheck.kind(object, found);
      if (known.isEmpty()) {
        report(found, positions, label(object, ""));
        return;
      }
      one(known.get(), object, positions);
    }

    private void one(ResourceKind kind, ObjectNode object, Positions positions) {
      object.remove("status");
      if (object.path("metadata") instanceof ObjectNode metadata) {
        MetadataCheck.dropServerSet(metadata);
      }
      List<FieldProblem> found = ObjectCheck.check(kind, object);
      String label = label(object, kind.namespaced() ? defaultNamespace : "");
      report(found, positions, label);
      if (found.stream().anyMatch(FieldProblem::isError)) {
        return;
      }
      Position start = positions.find("");
      Position before = seen.putIfAbsent(label, start);
      if (before != null) {
        problem(
            FieldProblem.error(
                "metadata.name",
                "the same object stands on line " + before.line() + " already; remove one"),
            positions,
            label);
        return;
      }
      manifests.add(manifest(kind, object, positions));
    }

    private Manifest manifest(ResourceKind kind, ObjectNode object, Positions positions) {
      ObjectNode metadata = (ObjectNode) object.path("metadata");
      String namespace = "";
      if (kind.namespaced()) {
        namespace = metadata.path("namespace").asText(defaultNamespace);
        metadata.put("namespace", namespace);
      } else {
        metadata.remove("namespace");
      }
      return new Manifest(kind, namespace, metadata.path("name").asText(), object, file, positions);
    }

    private String label(ObjectNode object, String namespace) {
      String name = object.path("metadata").path("name").asText("");
      String kind = object.path("kind").asText("");
      boolean clusterScoped = ResourceKind.byName(kind).filter(k -> !k.namespaced()).isPresent();
      String given =
          clusterScoped ? "" : object.path("metadata").path("namespace").asText(namespace);
      return Words.shorten(name.isEmpty() ? kind : Manifest.label(kind, given, name));
    }

    private void report(List<FieldProblem> found, Positions positions, String label) {
      found.forEach(p -> problem(p, positions, label));
    }

    private void problem(FieldProblem problem, Positions positions, String label) {
      problems.add(ManifestProblem.of(problem, file, positions, label));
    }
  }
}
