package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The CRDs that a cluster gets, as the agent and the CLI use them. Each is parsed when it is first
 * asked for and then kept.
 */
public final class CrdCatalog {
  private static final AtomicReferenceArray<Crd> PARSED =
      new AtomicReferenceArray<>(ResourceKind.values().length);

  private CrdCatalog() {}

  /** The CRD of a kind. */
  public static Crd of(ResourceKind kind) {
    Crd crd = PARSED.get(kind.ordinal());
    if (crd == null) {
      crd = Crd.of(kind, definition(kind));
      PARSED.set(kind.ordinal(), crd);
    }
    return crd;
  }

  /** The OpenAPI v3 schema of a kind. */
  public static JsonNode openApiSchema(ResourceKind kind) {
    return of(kind).schema();
  }

  /** The printer columns of a kind. */
  public static List<Crd.Column> columns(ResourceKind kind) {
    return of(kind).columns();
  }

  /** The CustomResourceDefinition as YAML, as {@code crds/} has it. */
  public static String text(ResourceKind kind) {
    String resource = "/dev/lodge/crds/" + kind.crdName() + ".yaml";
    return new String(bytes(ResourceKind.class, resource), StandardCharsets.UTF_8);
  }

  private static JsonNode definition(ResourceKind kind) {
    var documents = new JsonDocuments();
    documents.read(
        new String(bytes(CrdJson.class, CrdJson.resource(kind)), StandardCharsets.UTF_8));
    return documents.documents().getFirst().tree();
  }

  private static byte[] bytes(Class<?> beside, String resource) {
    try (InputStream in = beside.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not on the class path; build with Maven");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
