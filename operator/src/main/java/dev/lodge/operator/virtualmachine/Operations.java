package dev.lodge.operator.virtualmachine;

import dev.lodge.operator.cache.Cluster;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.needs.NeedsResolver;
import dev.lodge.operator.network.Addresses;
import dev.lodge.operator.slot.SlotPod;
import dev.lodge.operator.status.VmStatusWriter;
import dev.lodge.operator.vmhost.AgentPulse;
import java.time.InstantSource;

/** What a pass works with. */
public record Operations(
    ApiClient api,
    Cluster cluster,
    NeedsResolver needs,
    SlotPod slotPod,
    Addresses addresses,
    VmStatusWriter status,
    AgentPulse pulse,
    InstantSource clock) {}
