package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.List;

/** Turns objects into the form that a client asked for: whole, as table rows, or metadata only. */
final class Renderer {
  private static final String META = "meta.k8s.io/v1";

  private final Resource resource;
  private final Accept accept;
  private final Include include;
  private final Clock clock;

  /** What a table row carries of its object. */
  enum Include {
    NONE,
    METADATA,
    OBJECT;

    static Include parse(String text) {
      return switch (text) {
        case "", "Metadata" -> METADATA;
        case "None" -> NONE;
        case "Object" -> OBJECT;
        default -> throw ApiException.badRequest("includeObject must be None, Metadata or Object");
      };
    }
  }

  Renderer(Resource resource, Accept accept, Include include, Clock clock) {
    this.resource = resource;
    this.accept = accept;
    this.include = include;
    this.clock = clock;
  }

  ObjectNode list(long version, List<ObjectNode> items) {
    return switch (accept) {
      case TABLE -> table(version, items, true);
      case METADATA -> {
        ObjectNode list = listOf("PartialObjectMetadataList", META, version);
        ArrayNode out = list.putArray("items");
        items.forEach(i -> out.add(partial(i)));
        yield list;
      }
      case JSON, AGGREGATED_DISCOVERY -> {
        Resource.Names n = resource.names();
        ObjectNode list = listOf(n.kind() + "List", n.apiVersion(), version);
        ArrayNode out = list.putArray("items");
        items.forEach(out::add);
        yield list;
      }
    };
  }

  /** One object, or one event's object: a table of one row then. */
  ObjectNode one(ObjectNode object, boolean withColumns) {
    return switch (accept) {
      case TABLE ->
          table(
              Long.parseLong(object.path("metadata").path("resourceVersion").asText("0")),
              List.of(object),
              withColumns);
      case METADATA -> partial(object);
      case JSON, AGGREGATED_DISCOVERY -> object;
    };
  }

  /** A bookmark's object: nothing but a version. */
  ObjectNode bookmark(long version, boolean initialEventsEnd) {
    Resource.Names n = resource.names();
    ObjectNode mark = ApiJson.object();
    switch (accept) {
      case TABLE -> {
        // A table without rows, as the API server sends it.
        mark = listOf("Table", META, version);
        mark.putArray("columnDefinitions");
        mark.putArray("rows");
      }
      case METADATA -> mark.put("kind", "PartialObjectMetadata").put("apiVersion", META);
      case JSON, AGGREGATED_DISCOVERY ->
          mark.put("kind", n.kind()).put("apiVersion", n.apiVersion());
    }
    ObjectNode metadata = mark.withObjectProperty("metadata");
    metadata.put("resourceVersion", Long.toString(version));
    if (initialEventsEnd) {
      metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
    }
    return mark;
  }

  private ObjectNode table(long version, List<ObjectNode> items, boolean withColumns) {
    ObjectNode table = listOf("Table", META, version);
    ArrayNode definitions = table.putArray("columnDefinitions");
    List<Column> columns = resource.columns();
    if (withColumns) {
      for (Column c : columns) {
        definitions
            .addObject()
            .put("name", c.name())
            .put("type", c.type())
            .put("format", c.format())
            .put("description", c.description())
            .put("priority", c.priority());
      }
    }
    ArrayNode rows = table.putArray("rows");
    for (ObjectNode item : items) {
      ObjectNode row = rows.addObject();
      ArrayNode cells = row.putArray("cells");
      for (Column c : columns) {
        cells.add(c.cell(item, clock));
      }
      switch (include) {
        case NONE -> {}
        case METADATA -> row.set("object", partial(item));
        case OBJECT -> row.set("object", item);
      }
    }
    return table;
  }

  private static ObjectNode partial(ObjectNode object) {
    ObjectNode out = ApiJson.object();
    out.put("kind", "PartialObjectMetadata").put("apiVersion", META);
    out.set("metadata", object.path("metadata"));
    return out;
  }

  private static ObjectNode listOf(String kind, String apiVersion, long version) {
    ObjectNode list = ApiJson.object();
    list.put("kind", kind).put("apiVersion", apiVersion);
    list.putObject("metadata").put("resourceVersion", Long.toString(version));
    return list;
  }
}
