package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.common.Names;
import dev.lodge.domain.validation.FieldProblem;
import dev.lodge.domain.validation.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks {@code metadata} by Kubernetes' rules for names, labels and annotations. */
final class MetadataCheck {
  private static final int LONGEST_NAME = 63;
  private static final int ANNOTATION_CHARACTERS = 256 << 10;
  private static final int MOST_LABELS = 1000;
  private static final List<String> OF_USERS =
      List.of("name", "namespace", "labels", "annotations");

  /** Set by servers: accepted, so that {@code kubectl get -o yaml} can be applied again. */
  private static final List<String> OF_SERVERS =
      Stream.concat(ServerFields.NAMES.stream(), Stream.of("ownerReferences", "finalizers"))
          .toList();

  private static final Pattern QUALIFIED =
      Pattern.compile(
          "([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
              + "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final Pattern LABEL_VALUE =
      Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");

  private final List<FieldProblem> problems = new ArrayList<>();

  /** Takes out of metadata what only servers set. */
  static void dropServerSet(ObjectNode metadata) {
    metadata.remove(OF_SERVERS);
  }

  /** Checks; members that are null are removed. */
  List<FieldProblem> check(ResourceKind kind, JsonNode node) {
    if (!(node instanceof ObjectNode metadata)) {
      problems.add(
          FieldProblem.error(
              "metadata",
              "is missing; write metadata: {name: a-name-for-the-" + kind.singular() + "}"));
      return problems;
    }
    metadata.removeIf(JsonNode::isNull);
    metadata.fieldNames().forEachRemaining(this::known);
    name(metadata.path("name"));
    namespace(kind, metadata.path("namespace"));
    labels(metadata.path("labels"));
    annotations(metadata.path("annotations"));
    return problems;
  }

  private void error(String path, String message) {
    problems.add(FieldProblem.error(path, message));
  }

  private void known(String field) {
    if (OF_USERS.contains(field) || OF_SERVERS.contains(field)) {
      return;
    }
    String path = Positions.member("metadata", field);
    if (field.equals("generateName")) {
      error(path, "names are not generated here; write metadata.name");
      return;
    }
    error(
        path,
        "no such field"
            + Nearest.to(field, OF_USERS).map(n -> "; did you mean " + n + "?").orElse("")
            + "; known here: "
            + String.join(", ", OF_USERS));
  }

  private void name(JsonNode name) {
    String path = "metadata.name";
    if (name.isMissingNode()) {
      error(path, "is missing; give the object a name");
    } else if (!name.isTextual()) {
      error(path, Words.notText(name, List.of()));
    } else if (name.textValue().length() > LONGEST_NAME) {
      error(path, tooLong(name.textValue()));
    } else if (!Patterns.matches(Names.SUBDOMAIN, name.textValue())) {
      error(path, Patterns.explain(Names.SUBDOMAIN, name.textValue(), ""));
    }
  }

  private static String tooLong(String name) {
    return "has %d characters; at most 63 characters are allowed".formatted(name.length());
  }

  private void namespace(ResourceKind kind, JsonNode namespace) {
    String path = "metadata.namespace";
    if (namespace.isMissingNode()) {
      return;
    }
    if (!kind.namespaced()) {
      problems.add(
          FieldProblem.warning(
              path, "a " + kind + " belongs to no namespace; the line is ignored"));
    } else if (!namespace.isTextual()) {
      error(path, Words.notText(namespace, List.of()));
    } else if (!Patterns.matches(Names.LABEL, namespace.textValue())) {
      error(path, Patterns.explain(Names.LABEL, namespace.textValue(), ""));
    }
  }

  private void labels(JsonNode labels) {
    for (Map.Entry<String, JsonNode> label : texts(labels, "metadata.labels")) {
      String path = Positions.member("metadata.labels", label.getKey());
      qualified(label.getKey(), path);
      String value = label.getValue().asText();
      if (!LABEL_VALUE.matcher(value).matches()) {
        error(
            path,
            "'"
                + Words.shorten(value)
                + "' does not fit; use at most 63 letters, digits, '-', '_' and '.', or an annotation");
      }
    }
  }

  private void annotations(JsonNode annotations) {
    int characters = 0;
    for (Map.Entry<String, JsonNode> a : texts(annotations, "metadata.annotations")) {
      qualified(a.getKey(), Positions.member("metadata.annotations", a.getKey()));
      characters += a.getKey().length() + a.getValue().asText().length();
    }
    if (characters > ANNOTATION_CHARACTERS) {
      error("metadata.annotations", "are larger than 256 KiB together; keep less in them");
    }
  }

  private void qualified(String key, String path) {
    int slash = key.indexOf('/');
    if (slash > 253 || !QUALIFIED.matcher(key).matches()) {
      error(
          path,
          "is no name that Kubernetes allows; use letters, digits, '-', '_' and '.', at most 63,"
              + " after an optional domain and '/'");
    }
  }

  private List<Map.Entry<String, JsonNode>> texts(JsonNode map, String path) {
    List<Map.Entry<String, JsonNode>> texts = new ArrayList<>();
    if (map.isMissingNode()) {
      return texts;
    }
    if (!(map instanceof ObjectNode object)) {
      error(path, "must be an object of texts, but is " + Words.of(map));
      return texts;
    }
    if (object.size() > MOST_LABELS) {
      error(path, "has %d entries; at most %d".formatted(object.size(), MOST_LABELS));
      return texts;
    }
    for (Map.Entry<String, JsonNode> e : object.properties()) {
      if (e.getValue().isNull()) {
        e.setValue(TextNode.valueOf("")); // as Kubernetes reads it
      }
      if (e.getValue().isTextual()) {
        texts.add(e);
      } else {
        error(Positions.member(path, e.getKey()), Words.notText(e.getValue(), List.of()));
      }
    }
    return texts;
  }
}
