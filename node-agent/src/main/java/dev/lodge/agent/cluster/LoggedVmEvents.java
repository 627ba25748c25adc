package dev.lodge.agent.cluster;

import dev.lodge.agent.log.Log;
import dev.lodge.agent.reconcile.VmEvents;
import dev.lodge.agent.store.StoredObject;

/** Events of VMs go to the log: what a user must know stands in conditions. */
final class LoggedVmEvents implements VmEvents {
  @Override
  public void normal(StoredObject vm, String reason, String message) {
    Log.info("vm", message, "vm", vm.namespace() + "/" + vm.name(), "reason", reason);
  }

  @Override
  public void warning(StoredObject vm, String reason, String message) {
    Log.warn("vm", message, "vm", vm.namespace() + "/" + vm.name(), "reason", reason);
  }
}
