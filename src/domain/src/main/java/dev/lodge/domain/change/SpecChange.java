package dev.lodge.domain.change;

import dev.lodge.api.change.Change.Cost;
import org.jspecify.annotations.Nullable;

/**
 * One field that two specs say differently.
 *
 * @param path e.g. {@code memory.size} or {@code disks[root].cache}
 * @param current as the guest has it, for people; null: absent
 * @param desired as the spec wants it; null: absent
 */
public record SpecChange(
    String path, @Nullable String current, @Nullable String desired, Cost cost) {}
