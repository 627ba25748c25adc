package dev.lodge.agent.alone;

import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.api.ResourceKind;
import java.util.function.Consumer;

/** Wakes VMs when something that they may have waited for is there. */
final class WaitingVms {
  private final ObjectStore store;
  private volatile Consumer<ObjectKey> wake = _ -> {};

  WaitingVms(ObjectStore store) {
    this.store = store;
  }

  /** Whom to wake; set once the reconciler is there. */
  void to(Consumer<ObjectKey> reconciler) {
    wake = reconciler;
  }

  void wake() {
    store.list(ResourceKind.VirtualMachine).items().forEach(vm -> wake.accept(vm.key()));
  }
}
