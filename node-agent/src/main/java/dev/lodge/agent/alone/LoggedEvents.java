package dev.lodge.agent.alone;

import dev.lodge.agent.apiserver.EventLog;
import dev.lodge.agent.log.Log;
import dev.lodge.agent.reconcile.VmEvents;
import dev.lodge.agent.store.StoredObject;

/** Events of VMs, for {@code describe} and for the log. */
final class LoggedEvents implements VmEvents {
  private final EventLog events;

  LoggedEvents(EventLog events) {
    this.events = events;
  }

  @Override
  public void normal(StoredObject vm, String reason, String message) {
    events.record(vm.key(), vm.uid(), EventLog.Type.Normal, reason, message);
    Log.info("vm", message, "vm", name(vm), "reason", reason);
  }

  @Override
  public void warning(StoredObject vm, String reason, String message) {
    events.record(vm.key(), vm.uid(), EventLog.Type.Warning, reason, message);
    Log.warn("vm", message, "vm", name(vm), "reason", reason);
  }

  private static String name(StoredObject vm) {
    return vm.namespace() + "/" + vm.name();
  }
}
