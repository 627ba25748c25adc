package dev.lodge.domain.ownership;

/**
 * What a node's agent knows of itself.
 *
 * @param bootGeneration rises by one with every boot of the machine; in a cluster written into the
 *     VmHost before anything is claimed
 * @param fencedThrough boots up to this one were shot by somebody; nothing is started in them
 * @param nonce random, of this process
 * @param assigns the agent works alone and is its own operator: it gives itself each next epoch
 * @param migrates this agent can take part in live migrations; one that cannot accepts none
 */
public record Host(
    String nodeName,
    long bootGeneration,
    long fencedThrough,
    String nonce,
    boolean assigns,
    boolean migrates) {

  /** A host on which nothing was fenced, and whose agent takes no part in migrations. */
  public Host(
      String nodeName, long bootGeneration, long fencedThrough, String nonce, boolean assigns) {
    this(nodeName, bootGeneration, fencedThrough, nonce, assigns, false);
  }

  /** The same with what the VmHost now says; it never goes back. */
  public Host fencedThrough(long through) {
    return new Host(
        nodeName, bootGeneration, Math.max(through, fencedThrough), nonce, assigns, migrates);
  }

  /** Somebody proved that this boot is over, so it must not go on. */
  public boolean fenced() {
    return bootGeneration <= fencedThrough;
  }
}
