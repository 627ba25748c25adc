package dev.lodge.agent.reconcile;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.agent.store.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Who this node is, kept in {@code STATE/node.json}.
 *
 * @param installationId made once; MAC addresses derive from it, so that two installations on one
 *     LAN do not clash
 * @param bootId the kernel's boot_id, which has no order; {@code bootGeneration} has
 */
public record NodeIdentity(
    String installationId, String nodeName, String bootId, long bootGeneration) {

  /**
   * Reads the identity, counts a new boot, and writes it durably before anybody can claim with it.
   *
   * @throws IOException if the file is there but cannot be read or understood: which boots are over
   *     is then not known, and guessing could start a guest twice
   */
  public static NodeIdentity load(Path state, String nodeName, Path bootIdFile, ObjectMapper json)
      throws IOException {
    Path file = state.resolve("node.json");
    String bootId = Files.readString(bootIdFile).strip();
    NodeIdentity now;
    if (Files.exists(file)) {
      NodeIdentity before;
      try {
        before = json.readValue(file.toFile(), NodeIdentity.class);
      } catch (IOException e) {
        throw new IOException(
            file
                + " cannot be read ("
                + e.getMessage()
                + "); restore it from a backup, or, when no guest of Lodge runs here (virsh list),"
                + " remove it",
            e);
      }
      if (before.bootId.equals(bootId)) {
        return before;
      }
      now =
          new NodeIdentity(
              before.installationId, before.nodeName, bootId, before.bootGeneration + 1);
    } else {
      now = new NodeIdentity(UUID.randomUUID().toString(), nodeName, bootId, 1);
    }
    DurableFiles.write(file, json.writeValueAsBytes(now));
    return now;
  }
}
