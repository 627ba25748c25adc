package dev.lodge.agent.apiserver;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What form of an answer a client wants, by its Accept header. */
enum Accept {
  /** Plain JSON, which every answer of ours can be. */
  JSON,
  /** meta.k8s.io/v1 Table. */
  TABLE,
  /** meta.k8s.io/v1 PartialObjectMetadata: only the metadata. */
  METADATA,
  /** apidiscovery.k8s.io/v2 APIGroupDiscoveryList. */
  AGGREGATED_DISCOVERY;

  /**
   * Takes the first form of the header that is known.
   *
   * @throws ApiException 406 if there is none: protobuf alone, for instance
   */
  static Accept parse(@Nullable String header) {
    if (header == null || header.isBlank()) {
      return JSON;
    }
    for (String range : header.split(",")) {
      String type = "";
      String as = "";
      String group = "";
      String version = "";
      for (String part : range.trim().split(";")) {
        String p = part.trim().toLowerCase(Locale.ROOT);
        if (type.isEmpty()) {
          type = p;
        } else if (p.startsWith("as=")) {
          as = p.substring(3);
        } else if (p.startsWith("g=")) {
          group = p.substring(2);
        } else if (p.startsWith("v=")) {
          version = p.substring(2);
        }
      }
      boolean json =
          type.equals("application/json") || type.equals("*/*") || type.equals("application/*");
      if (!json && !type.startsWith("text/")) {
        continue;
      }
      if (as.isEmpty()) {
        return JSON;
      }
      if (group.equals("meta.k8s.io") && version.equals("v1")) {
        switch (as) {
          case "table" -> {
            return TABLE;
          }
          case "partialobjectmetadata", "partialobjectmetadatalist" -> {
            return METADATA;
          }
          default -> {}
        }
      }
      if (as.equals("apigroupdiscoverylist") && version.equals("v2")) {
        return AGGREGATED_DISCOVERY;
      }
    }
    throw new ApiException(
        ApiException.Reason.NotAcceptable,
        "only application/json is served (also as Table or PartialObjectMetadata of meta.k8s.io/v1)");
  }
}
