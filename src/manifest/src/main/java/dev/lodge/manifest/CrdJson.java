package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Run by the build: turns the CRDs from YAML into compact JSON, which a process that has just begun
 * reads several times as fast.
 */
public final class CrdJson {
  private CrdJson() {}

  /**
   * @param args the directory that becomes the root of the class path
   */
  public static void main(String[] args) throws IOException {
    for (ResourceKind kind : ResourceKind.values()) {
      Path file = Path.of(args[0] + resource(kind));
      Files.createDirectories(file.getParent());
      Files.write(file, LodgeJson.mapper().writeValueAsBytes(parse(CrdCatalog.text(kind))));
    }
  }

  static String resource(ResourceKind kind) {
    return "/dev/lodge/manifest/crds/" + kind.crdName() + ".json";
  }

  static JsonNode parse(String yaml) {
    var documents = new YamlDocuments(yaml);
    documents.read();
    return documents.documents().getFirst().tree();
  }
}
