package dev.lodge.agent.reconcile;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lodge.agent.reconcile.VmReconciler.Surroundings;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.agent.store.UnreachableException;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.HypervisorException;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.ownership.NodeEntry;
import java.io.IOException;
import java.util.Optional;

/**
 * What an object that is gone for certain (a live read said so) left behind on this node: a guest
 * that nobody can own any more, and its files. In a cluster only; a directory of manifests tells of
 * deletions itself.
 *
 * <p>It goes only if the node's own record knows the guest, and the node is still registered where
 * the object was looked for: an API server that was wiped, or is another one, knows nothing of
 * anybody, and that is no reason to stop guests.
 */
final class Leftover {
  private final Surroundings world;
  private final ObjectKey key;
  private final String successor;
  private final String forgotten;

  /**
   * @param successor UID of the object that has the name now; empty: none has
   * @param forgotten UID of the object that had it in the last pass; empty: none had
   */
  Leftover(Surroundings world, ObjectKey key, String successor, String forgotten) {
    this.world = world;
    this.key = key;
    this.successor = successor;
    this.forgotten = forgotten;
  }

  /**
   * Clears away.
   *
   * @return false: try again later
   */
  boolean settle() {
    try {
      return world.host().assigns() || clear();
    } catch (HypervisorException | UnreachableException e) {
      return false;
    }
  }

  private boolean clear() {
    Optional<DomainState> domain =
        world
            .hypervisor()
            .find(DomainNames.domain(key.namespace(), key.name()))
            .filter(DomainState::active);
    DomainState.Owner owner = domain.map(DomainState::owner).orElse(null);
    if (domain.isEmpty() && !forgotten.isEmpty()) {
      // Its guest ended before its object went: what it held is to be had again.
      world.preparer().released(gone(forgotten));
    }
    if (domain.isEmpty() || owner == null || owner.uid().equals(successor)) {
      return true;
    }
    if (!(world.records().read(owner.uid()) instanceof NodeRecords.Read.Known)) {
      // Told by the pass over the successor as a foreign domain: somebody has to look.
      return true;
    }
    StoredObject gone = gone(owner.uid());
    Optional<String> refusal = world.guard().refusal();
    if (refusal.isPresent()) {
      world
          .events()
          .warning(gone, "Orphaned", "its object is gone, and it runs on: " + refusal.get());
      return false;
    }
    world.events().warning(gone, "Killing", "its object is gone; pulled the plug");
    world.hypervisor().destroy(domain.get().id());
    NodeRecord record;
    try {
      record =
          world
              .records()
              .change(
                  owner.uid(),
                  before ->
                      before.entry(
                          new NodeEntry.Known(
                              Math.max(before.releasedThrough(), owner.epoch()), null)));
    } catch (IOException e) {
      return false;
    }
    world.preparer().released(gone);
    NodeRecord.Run run = record.run();
    if (run != null) {
      VirtualMachineSpec spec = run.spec();
      world.preparer().deleted(gone, spec);
    }
    return true;
  }

  private StoredObject gone(String uid) {
    return new StoredObject(
        key.kind(),
        key.namespace(),
        key.name(),
        uid,
        0,
        0,
        true,
        null,
        false,
        JsonNodeFactory.instance.objectNode());
  }
}
