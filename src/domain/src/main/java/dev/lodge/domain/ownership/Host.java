package dev.lodge.domain.ownership;

/**
 * What a node's agent knows of itself.
 *
 * @param bootGeneration rises by one with every boot of the machine
 * @param fencedThrough boots up to this one were shot by somebody; nothing is started in them
 * @param nonce random, of this process
 * @param assigns the agent works alone and is its own operator: it gives itself each next epoch
 */
public record Host(
    String nodeName, long bootGeneration, long fencedThrough, String nonce, boolean assigns) {}
