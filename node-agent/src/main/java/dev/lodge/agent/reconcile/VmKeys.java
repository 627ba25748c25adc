package dev.lodge.agent.reconcile;

import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.machine.DomainNames;
import org.jspecify.annotations.Nullable;

/** From a domain's name back to its VM. */
final class VmKeys {
  private VmKeys() {}

  /** Null: no VM of the store has this domain name. */
  static @Nullable ObjectKey ofDomain(String domain, NodeStore store) {
    int split = domain.indexOf('_');
    if (split < 0) {
      return null;
    }
    var plain =
        new ObjectKey(
            ResourceKind.VirtualMachine, domain.substring(0, split), domain.substring(split + 1));
    if (store.get(plain).isPresent()) {
      return plain;
    }
    // Long names are cut and hashed: look for the one that gives this name.
    for (StoredObject vm : store.list(ResourceKind.VirtualMachine).items()) {
      if (DomainNames.domain(vm.namespace(), vm.name()).equals(domain)) {
        return vm.key();
      }
    }
    return null;
  }
}
