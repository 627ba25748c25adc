package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.Context;
import dev.lodge.cli.client.Api;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Watch;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code lodge get --watch}: what is there, then every change as it comes. */
final class GetWatch {
  private final Context context;
  private final OutputFormat output;
  private final boolean everywhere;
  private final boolean noHeaders;

  GetWatch(Context context, OutputFormat output, boolean everywhere, boolean noHeaders) {
    this.context = context;
    this.output = output;
    this.everywhere = everywhere;
    this.noHeaders = noHeaders;
  }

  /** Ends when the server ends the watch, or when nobody reads the output any more. */
  void run(String path) {
    String accept = output.tabular() ? Api.TABLE : Api.JSON;
    JsonNode present = context.api().get(path, accept);
    var tables = new TablePrinter(context.out(), output, everywhere, noHeaders);
    var objects = new ObjectPrinter(context.out(), output);
    if (output.tabular()) {
      tables.print(present);
    } else {
      present.path("items").forEach(item -> document(objects, item));
    }
    String version = present.path("metadata").path("resourceVersion").asText();
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("watch", "true");
    parameters.put("resourceVersion", version);
    try (Watch watch = context.api().watch(more(path, parameters), accept)) {
      while (!context.out().checkError()) {
        JsonNode event = watch.next();
        if (event == null) {
          return;
        }
        if (output.tabular()) {
          tables.print(event.path("object"));
        } else {
          document(objects, event.path("object"));
        }
      }
    }
  }

  private void document(ObjectPrinter objects, JsonNode object) {
    if (output == OutputFormat.yaml) {
      context.out().println("---");
    }
    objects.one(object);
  }

  private static String more(String path, Map<String, String> parameters) {
    String query = Paths.query("", parameters);
    return path + (path.contains("?") ? "&" + query.substring(1) : query);
  }
}
