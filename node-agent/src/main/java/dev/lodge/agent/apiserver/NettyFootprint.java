package dev.lodge.agent.apiserver;

/**
 * Sizes Netty and Vert.x for a small server, before they are loaded: their defaults are made for
 * busy ones. Each property that is set already, with {@code -D}, is left as it is.
 */
final class NettyFootprint {
  private NettyFootprint() {}

  static void apply() {
    // One arena instead of two per core; chunks of 128 KiB (8 KiB << 4) instead of 4 MiB.
    setDefault("io.netty.allocator.numDirectArenas", "1");
    setDefault("io.netty.allocator.numHeapArenas", "1");
    setDefault("io.netty.allocator.maxOrder", "4");
    setDefault("io.netty.allocator.useCacheForAllThreads", "false");
    setDefault("io.netty.recycler.maxCapacityPerThread", "128");
    // Part of a channel's id, which is only for its log. Netty looks for a hardware address
    // otherwise, and warns where there is none: a host whose only interfaces are loopback or
    // virtual.
    setDefault("io.netty.machineId", "6c:6f:64:67:65:00:00:01");
    // The JDK resolves names, on the rare occasion: no DNS client, no thread for it.
    setDefault("vertx.disableDnsResolver", "true");
    setDefault("vertx.disableTCCL", "true");
    setDefault("vertx.disableMetrics", "true");
  }

  private static void setDefault(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
