/**
 * How Lodge's control plane fares with many VMs: a real API server, scheduler and operator, and
 * nodes that exist in one process only, where the agent's own cluster adapter works over a
 * hypervisor in memory.
 */
@org.jspecify.annotations.NullMarked
package dev.lodge.bench.scale;
