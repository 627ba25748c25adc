package dev.lodge.agent.reconcile;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.agent.image.Trees;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.domain.ownership.NodeEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** The node's own records of VMs: {@code STATE/vms/<uid>/node.json}. */
public final class NodeRecords {
  private final Path vms;
  private final ObjectMapper json;
  private final VmLocks locks;

  public NodeRecords(Path vms, ObjectMapper json) {
    this.vms = vms;
    this.locks = new VmLocks(vms);
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
        case Known k -> new NodeEntry.Known(k.record().releasedThrough(), k.record().migrating());
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

  /**
   * Changes a record durably, under the VM's lock, from what it is by now: no process undoes what
   * another one wrote. A torn record is left alone.
   *
   * @throws IOException if it cannot be read, written or locked
   */
  NodeRecord change(String uid, UnaryOperator<NodeRecord> change) throws IOException {
    if (!locks.lock(uid)) {
      throw new IOException("another agent process of this host is at work on this VM");
    }
    try {
      NodeRecord before =
          switch (read(uid)) {
            case Read.Missing _ -> NodeRecord.first();
            case Read.Known k -> k.record();
            case Read.Unreadable u -> throw new IOException(u.why());
          };
      NodeRecord after = change.apply(before);
      write(uid, after);
      return after;
    } finally {
      locks.unlock(uid);
    }
  }

  /** The locks of the VMs, which all agent processes of the host share. */
  VmLocks locks() {
    return locks;
  }

  private Path file(String uid) {
    return vms.resolve(uid).resolve("node.json");
  }
}
