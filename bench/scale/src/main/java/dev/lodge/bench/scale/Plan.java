package dev.lodge.bench.scale;

/**
 * How much is done.
 *
 * @param warmUp VMs first, of which nothing is told
 * @param slow VMs at 2 a second
 * @param quick VMs at 5 a second
 * @param sustained VMs as fast as they go
 * @param many VMs at 10 a second, which stay for what follows
 * @param idleSeconds how long all of them are left alone
 * @param leaders how often the leading operator is killed
 * @param crowd VMs at the rate {@code crowdPerSecond} at the end; 0: none
 */
record Plan(
    int nodes,
    int warmUp,
    int slow,
    int quick,
    int sustained,
    int many,
    int idleSeconds,
    int leaders,
    int crowd,
    double crowdPerSecond) {

  static Plan named(String name) {
    return switch (name) {
      case "quick" -> new Plan(5, 10, 10, 15, 30, 40, 20, 1, 0, 0);
      case "short" -> new Plan(50, 60, 30, 50, 100, 200, 90, 2, 0, 0);
      case "record" -> new Plan(50, 100, 60, 150, 400, 1_000, 300, 3, 0, 0);
      case "crowd" -> new Plan(200, 100, 0, 0, 0, 1_000, 60, 1, 10_000, 10);
      default -> throw new IllegalArgumentException("the plans are quick, short, record and crowd");
    };
  }
}
