package dev.lodge.operator.needs;

import dev.lodge.domain.ownership.DiskLock;
import dev.lodge.operator.slot.SlotVolume;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a VM needs before it can be placed.
 *
 * @param problems why it cannot be placed; empty: it can
 * @param volumes that its slot brings
 * @param networks one for each interface
 * @param locks on disks that another VM could name
 * @param localDisk name of a disk that lies on the node itself; null: none
 */
public record Needs(
    List<Problem> problems,
    List<SlotVolume> volumes,
    List<NetworkNeed> networks,
    List<DiskLock> locks,
    @Nullable String localDisk) {}
