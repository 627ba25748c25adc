package dev.lodge.domain.hypervisor;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A lease that dnsmasq has handed out. */
public record DhcpLease(
    String mac, String ip, @Nullable String hostname, @Nullable Instant expires) {}
