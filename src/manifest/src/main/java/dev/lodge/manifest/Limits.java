package dev.lodge.manifest;

/**
 * What a file of manifests may cost to read. Each bound is far above what people write and far
 * below what an agent with a heap of 64 MiB could not bear.
 */
final class Limits {
  /** Bytes of a file; a Kubernetes object may have 1.5 MB. */
  static final int BYTES = 3 << 20;

  /** Objects, lists and values of a file. */
  static final int NODES = 100_000;

  /** Nodes that aliases may add to those written out. */
  static final int ALIASED_NODES = 10_000;

  /** Characters that aliases may add to those written out. */
  static final int ALIASED_CHARACTERS = 1 << 20;

  /** Objects and lists within one another. */
  static final int DEPTH = 64;

  private Limits() {}
}
