package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/**
 * OpenAPI v3, as {@code kubectl explain} and kubectl's check for field validation read it. Made
 * anew for each request: clients keep it by its hash, and it is large.
 */
final class OpenApi {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
  private static final String REF = "#/components/schemas/";

  private final List<Resource> resources;
  private final Function<ResourceKind, JsonNode> schemas;

  OpenApi(List<Resource> resources, Function<ResourceKind, JsonNode> schemas) {
    this.resources = resources;
    this.schemas = schemas;
  }

  /**
   * @param document empty: the index; else {@code api/v1} or {@code apis/GROUP/VERSION}
   */
  Reply answer(String document) {
    if (document.isEmpty()) {
      ObjectNode index = ApiJson.object();
      ObjectNode paths = index.putObject("paths");
      for (String d : List.of("api/v1", "apis/" + ResourceKind.API_VERSION)) {
        paths
            .putObject(d)
            .put("serverRelativeURL", "/openapi/v3/" + d + "?hash=" + hash(document(d)));
      }
      return Reply.json(200, index);
    }
    ObjectNode made = document(document);
    if (made.path("paths").isEmpty()) {
      throw new ApiException(ApiException.Reason.NotFound, "no such OpenAPI document");
    }
    return Reply.json(200, made).with("Etag", "\"" + hash(made) + "\"");
  }

  private ObjectNode document(String name) {
    ObjectNode doc = ApiJson.object();
    doc.put("openapi", "3.0.0");
    doc.putObject("info").put("title", "Lodge").put("version", ResourceKind.VERSION);
    ObjectNode paths = doc.putObject("paths");
    ObjectNode components = doc.putObject("components").putObject("schemas");
    for (Resource r : resources) {
      Resource.Names n = r.names();
      if (!name.equals(n.group().isEmpty() ? "api/v1" : "apis/" + n.apiVersion())) {
        continue;
      }
      String schemaName = schemaName(n);
      components.set(schemaName, schema(r));
      components.set(META, metadataSchema());
      String root = "/" + name + (n.namespaced() ? "/namespaces/{namespace}/" : "/") + n.plural();
      paths.set(root, collection(n, schemaName));
      paths.set(root + "/{name}", item(n, schemaName));
    }
    return doc;
  }

  private static String schemaName(Resource.Names n) {
    return n.group().isEmpty()
        ? "io.k8s.api.core.v1." + n.kind()
        : "dev.lodge." + n.version() + "." + n.kind();
  }

  private ObjectNode schema(Resource resource) {
    Resource.Names n = resource.names();
    ObjectNode schema =
        resource instanceof StoreResource s && schemas.apply(s.kind()) instanceof ObjectNode crd
            ? crd.deepCopy()
            : ApiJson.object().put("type", "object");
    schema.putArray("x-kubernetes-group-version-kind").add(gvk(n));
    ObjectNode properties = schema.withObjectProperty("properties");
    properties.set(
        "apiVersion", text("The version of this form of the object: " + n.apiVersion() + "."));
    properties.set("kind", text("What the object is: " + n.kind() + "."));
    ObjectNode metadata = properties.putObject("metadata");
    metadata.put("description", "Name, namespace, labels and annotations.");
    metadata.putArray("allOf").addObject().put("$ref", REF + META);
    return schema;
  }

  private static ObjectNode gvk(Resource.Names n) {
    return ApiJson.object()
        .put("group", n.group())
        .put("version", n.version())
        .put("kind", n.kind());
  }

  private static ObjectNode collection(Resource.Names n, String schema) {
    ObjectNode path = ApiJson.object();
    for (String verb : n.verbs()) {
      switch (verb) {
        case "list" -> path.set("get", operation(n, "list", schema));
        case "create" ->
            path.set("post", withBody(operation(n, "post", schema), schema, Reply.JSON));
        default -> {}
      }
    }
    return path;
  }

  private static ObjectNode item(Resource.Names n, String schema) {
    ObjectNode path = ApiJson.object();
    for (String verb : n.verbs()) {
      switch (verb) {
        case "get" -> path.set("get", operation(n, "get", schema));
        case "update" -> path.set("put", withBody(operation(n, "put", schema), schema, Reply.JSON));
        case "patch" ->
            path.set(
                "patch",
                withBody(operation(n, "patch", schema), schema, Patches.MERGE, Patches.JSON));
        case "delete" -> path.set("delete", operation(n, "delete", schema));
        default -> {}
      }
    }
    return path;
  }

  private static ObjectNode operation(Resource.Names n, String action, String schema) {
    ObjectNode op = ApiJson.object();
    op.put("x-kubernetes-action", action);
    op.set("x-kubernetes-group-version-kind", gvk(n));
    ArrayNode parameters = op.putArray("parameters");
    if (!action.equals("get") && !action.equals("list")) {
      parameters.add(parameter("dryRun", "All: do everything but write."));
      if (!action.equals("delete")) {
        parameters.add(
            parameter("fieldValidation", "Taken; unknown fields are refused in any case."));
        parameters.add(parameter("fieldManager", "Taken and not kept."));
      }
    }
    ObjectNode ok = op.putObject("responses").putObject("200").put("description", "OK");
    ok.putObject("content").putObject(Reply.JSON).putObject("schema").put("$ref", REF + schema);
    return op;
  }

  private static ObjectNode withBody(ObjectNode operation, String schema, String... types) {
    ObjectNode content = operation.putObject("requestBody").putObject("content");
    for (String type : types) {
      content.putObject(type).putObject("schema").put("$ref", REF + schema);
    }
    return operation;
  }

  private static ObjectNode parameter(String name, String description) {
    ObjectNode p = ApiJson.object().put("name", name).put("in", "query");
    p.put("description", description).putObject("schema").put("type", "string");
    return p;
  }

  private static ObjectNode metadataSchema() {
    ObjectNode schema = ApiJson.object();
    schema.put("type", "object").put("description", "What every object carries beside its spec.");
    ObjectNode p = schema.putObject("properties");
    p.set("name", text("The name, unique among its kind in its namespace; cannot be changed."));
    p.set("namespace", text("The namespace; cannot be changed."));
    p.set("labels", texts("Words to select objects by."));
    p.set("annotations", texts("Notes of people and tools."));
    p.set("uid", text("Set by the server, once: tells this object from later ones of its name."));
    p.set("resourceVersion", text("Set by the server: rises with every change."));
    p.set(
        "generation",
        ApiJson.object()
            .put("type", "integer")
            .put("format", "int64")
            .put("description", "Set by the server: rises with every change of the spec."));
    p.set("creationTimestamp", text("Set by the server.").put("format", "date-time"));
    p.set(
        "deletionTimestamp",
        text("Set by the server: the object is being deleted.").put("format", "date-time"));
    return schema;
  }

  private static ObjectNode text(String description) {
    return ApiJson.object().put("type", "string").put("description", description);
  }

  private static ObjectNode texts(String description) {
    ObjectNode map = ApiJson.object().put("type", "object").put("description", description);
    map.putObject("additionalProperties").put("type", "string");
    return map;
  }

  private static String hash(ObjectNode document) {
    try {
      byte[] d = MessageDigest.getInstance("SHA-256").digest(ApiJson.bytes(document));
      return HexFormat.of().formatHex(d).substring(0, 32);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
