package dev.lodge.agent.network;

import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;

/** The networks of a VM's interfaces: brought up on this host, each interface with its address. */
public interface VmNetworks {

  /** Brings up what the VM's interfaces need. */
  NetworkOutcome prepare(StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status);

  /** The VM is gone: nothing is held for it any more. */
  void deleted(StoredObject vm);
}
