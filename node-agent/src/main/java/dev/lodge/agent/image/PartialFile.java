package dev.lodge.agent.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What has been fetched of a file, and of which version: it survives the agent.
 *
 * @param directory holds {@code image} and {@code origin.json}
 */
record PartialFile(Path directory) {

  /**
   * Which version of the file the bytes are of.
   *
   * @param validator a strong ETag or a Last-Modified; null: the server gave none
   */
  record Origin(String url, @Nullable String validator) {}

  Path data() {
    return directory.resolve("image");
  }

  long size() throws IOException {
    return Files.exists(data()) ? Files.size(data()) : 0;
  }

  /** Null if nothing usable is there. */
  @Nullable Origin origin() throws IOException {
    if (!Files.exists(file())) {
      return null;
    }
    try {
      return LodgeJson.read(LodgeJson.mapper().readTree(Files.readAllBytes(file())), Origin.class);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      return null;
    }
  }

  /** Begins anew. */
  void begin(Origin origin) throws IOException {
    Files.deleteIfExists(data());
    ObjectNode tree = LodgeJson.tree(origin);
    DurableFiles.write(file(), LodgeJson.mapper().writeValueAsBytes(tree));
  }

  /** Forgets everything. */
  void delete() throws IOException {
    Trees.delete(directory);
  }

  private Path file() {
    return directory.resolve("origin.json");
  }
}
