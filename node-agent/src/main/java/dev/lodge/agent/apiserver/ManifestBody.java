package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.apiserver.ApiException.Cause;
import dev.lodge.manifest.ServerFields;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An object that a client sent: the part that is a wish, apart from what it claims about versions.
 *
 * @param manifest apiVersion, kind, metadata (name, namespace, labels, annotations), spec
 * @param uid that the client expects; null: any
 * @param resourceVersion that the client read; 0: any
 */
record ManifestBody(ObjectNode manifest, @Nullable String uid, long resourceVersion) {
  private static final Set<String> WISHES =
      Set.of("name", "generateName", "namespace", "labels", "annotations");

  /** The store tells by it which file an object is from; no part of a wish. */
  static final String FILE_ANNOTATION = "lodge.dev/manifest";

  private static final String SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * Reads an object that must be of this resource, namespace and name.
   *
   * @param name null: it is to be created, and names itself
   * @param now the object that is there, whose metadata a client may send back as it read it; null:
   *     it is new
   * @throws ApiException 400: it is another kind, name or namespace; 422: metadata that is unknown
   */
  static ManifestBody of(
      ObjectNode body,
      Resource.Names names,
      String namespace,
      @Nullable String name,
      @Nullable ObjectNode now) {
    String kind = body.path("kind").asText();
    String apiVersion = body.path("apiVersion").asText();
    if (!kind.equals(names.kind()) || !apiVersion.equals(names.apiVersion())) {
      throw ApiException.badRequest(
          "the object in the body is '%s' of '%s', but this path is for %s of %s"
              .formatted(kind, apiVersion, names.kind(), names.apiVersion()));
    }
    JsonNode meta = body.path("metadata");
    String bodyName = meta.path("name").asText();
    if (bodyName.isEmpty() && name == null && meta.path("generateName").isTextual()) {
      bodyName = meta.path("generateName").asText() + suffix();
    }
    if (bodyName.isEmpty()) {
      throw ApiException.invalid(
          names.group(),
          names.kind(),
          "",
          List.of(
              new Cause(
                  "FieldValueRequired",
                  "metadata.name",
                  "Required value: name or generateName is required")));
    }
    if (name != null && !bodyName.equals(name)) {
      throw ApiException.badRequest(
          "the name of the object (%s) does not match the name in the path (%s)"
              .formatted(bodyName, name));
    }
    String bodyNamespace = meta.path("namespace").asText();
    if (!bodyNamespace.isEmpty() && !bodyNamespace.equals(namespace)) {
      throw ApiException.badRequest(
          names.namespaced()
              ? "the namespace of the object (%s) does not match the namespace in the path (%s)"
                  .formatted(bodyNamespace, namespace)
              : names.kind() + " is cluster-scoped: leave metadata.namespace out");
    }
    refuseUnknown(
        body, meta, now == null ? ApiJson.object() : now.path("metadata"), names, bodyName);

    ObjectNode manifest = ApiJson.object();
    manifest.put("apiVersion", apiVersion).put("kind", kind);
    ObjectNode metadata = manifest.putObject("metadata");
    metadata.put("name", bodyName);
    if (names.namespaced()) {
      metadata.put("namespace", namespace);
    }
    for (String map : List.of("labels", "annotations")) {
      JsonNode wish = wish(meta, map);
      if (!wish.isEmpty()) {
        metadata.set(map, wish);
      }
    }
    if (body.has("spec")) {
      manifest.set("spec", body.path("spec").deepCopy());
    }
    return new ManifestBody(
        manifest,
        meta.path("uid").isTextual() && !meta.path("uid").asText().isEmpty()
            ? meta.path("uid").asText()
            : null,
        version(meta.path("resourceVersion")));
  }

  /** Labels or annotations without what the server adds; empty if there are none. */
  static JsonNode wish(JsonNode metadata, String map) {
    JsonNode all = metadata.path(map);
    if (all.isMissingNode() || all.isNull()) {
      return ApiJson.object();
    }
    return all instanceof ObjectNode o ? o.deepCopy().without(FILE_ANNOTATION) : all;
  }

  private static void refuseUnknown(
      ObjectNode body, JsonNode meta, JsonNode metaNow, Resource.Names names, String name) {
    List<Cause> causes = new ArrayList<>();
    body.fieldNames()
        .forEachRemaining(
            f -> {
              if (!Set.of("apiVersion", "kind", "metadata", "spec", "status").contains(f)) {
                causes.add(
                    new Cause(
                        "FieldValueForbidden",
                        f,
                        "unknown field; an object has apiVersion, kind, metadata and spec"));
              }
            });
    meta.fieldNames()
        .forEachRemaining(
            f -> {
              JsonNode value = meta.path(f);
              if (!WISHES.contains(f)
                  && !ServerFields.NAMES.contains(f)
                  && !value.equals(metaNow.path(f))
                  && !value.isNull()
                  && !isEmpty(value)) {
                causes.add(
                    new Cause(
                        "FieldValueForbidden",
                        "metadata." + f,
                        f.equals("finalizers") || f.equals("ownerReferences")
                            ? "not supported by an agent alone; leave it out"
                            : "unknown field; metadata has name, namespace, labels and annotations"));
              }
            });
    if (!causes.isEmpty()) {
      throw ApiException.invalid(names.group(), names.kind(), name, causes);
    }
  }

  private static boolean isEmpty(JsonNode node) {
    return node.isContainerNode() && node.isEmpty();
  }

  static long version(JsonNode node) {
    if (node.isMissingNode() || node.isNull() || node.asText().isEmpty()) {
      return 0;
    }
    try {
      return Long.parseLong(node.asText());
    } catch (NumberFormatException e) {
      throw ApiException.badRequest(
          "metadata.resourceVersion is not one of ours: " + node.asText());
    }
  }

  private static String suffix() {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      s.append(SUFFIX_LETTERS.charAt(RANDOM.nextInt(SUFFIX_LETTERS.length())));
    }
    return s.toString();
  }
}
