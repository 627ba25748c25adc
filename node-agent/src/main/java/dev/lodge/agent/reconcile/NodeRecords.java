package dev.lodge.agent.reconcile;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.agent.image.Trees;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.domain.ownership.NodeEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The node's own records of VMs: {@code STATE/vms/<uid>/node.json}. */
public final class NodeRecords {
  private final Path vms;
  private final ObjectMapper json;

  public NodeRecords(Path vms, ObjectMapper json) {
    this.vms = vms;
    this.json = json;
  }

  /** What reading a record gave. */
  public sealed interface Read {
    record Missing() implements Read {}

    record Unreadable(String why) implements Read {}

    record Known(NodeRecord record) implements Read {}

    /** As the ownership core wants it. */
    default NodeEntry entry() {
      return switch (this) {
        case Missing _ -> new NodeEntry.Missing();
        case Unreadable u -> new NodeEntry.Unreadable(u.why());
        case Known k -> new NodeEntry.Known(k.record().releasedThrough(), k.record().hold());
      };
    }
  }

  /** Reads a record; a torn one is not an absent one. */
  public Read read(String uid) {
    Path file = file(uid);
    try {
      return new Read.Known(json.readValue(Files.readAllBytes(file), NodeRecord.class));
    } catch (NoSuchFileException e) {
      return new Read.Missing();
    } catch (IOException e) {
      return new Read.Unreadable(file + ": " + e.getMessage());
    }
  }

  /** Writes a record durably. */
  public void write(String uid, NodeRecord record) throws IOException {
    Trees.make(vms.resolve(uid), Trees.ENTER);
    DurableFiles.write(file(uid), json.writeValueAsBytes(record));
  }

  private Path file(String uid) {
    return vms.resolve(uid).resolve("node.json");
  }
}
