package dev.lodge.domain.change;

import dev.lodge.api.change.Change.Cost;
import org.jspecify.annotations.Nullable;

/**
 * One field that differs.
 *
 * @param path e.g. {@code memory.size} or {@code disks[root].cache}
 * @param current as the guest has it; null: absent, the default
 * @param desired as the spec wants it; null: absent, the default
 * @param cost what it takes
 */
public record SpecChange(
    String path, @Nullable String current, @Nullable String desired, Cost cost) {}
