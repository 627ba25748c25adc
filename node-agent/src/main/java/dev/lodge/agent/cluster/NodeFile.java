package dev.lodge.agent.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code STATE/node.json} in a cluster: what the VmHost said when this node was registered last. It
 * is no source, but it notices a VmHost that went back.
 */
record NodeFile(Path file) {

  /**
   * @param hostUid of the VmHost
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Content(String nodeName, String hostUid, String bootId, long bootGeneration) {}

  /**
   * @throws IOException it is there and cannot be understood: nothing is known then
   */
  Optional<Content> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Content c = LodgeJson.mapper().readValue(Files.readAllBytes(file), Content.class);
      if (c.nodeName() == null || c.bootId() == null || c.hostUid() == null) {
        throw new IOException("it is that of an agent alone");
      }
      return Optional.of(c);
    } catch (IOException e) {
      throw new IOException(
          file
              + " cannot be read ("
              + e.getMessage()
              + "); when no guest of Lodge runs here (virsh list), remove it",
          e);
    }
  }

  void write(Content content) throws IOException {
    DurableFiles.write(file, LodgeJson.mapper().writeValueAsBytes(content));
  }
}
