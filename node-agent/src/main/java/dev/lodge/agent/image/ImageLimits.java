package dev.lodge.agent.image;

import java.time.Duration;

/**
 * What an import may cost.
 *
 * @param maxVirtualSize of an image in bytes
 * @param reserve bytes that an import leaves free on the disk
 * @param connect until a server accepts the connection
 * @param idle without a byte from the server
 * @param retry until a failed import that may succeed is tried again on demand; doubles with each
 *     failure, up to 64 times
 * @param threads imports at one time
 */
public record ImageLimits(
    long maxVirtualSize,
    long reserve,
    Duration connect,
    Duration idle,
    Duration retry,
    int threads) {

  /** For a host. */
  public static final ImageLimits DEFAULT =
      new ImageLimits(
          64L << 40,
          512L << 20,
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          2);
}
