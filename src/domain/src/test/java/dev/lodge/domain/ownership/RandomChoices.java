package dev.lodge.domain.ownership;

import java.util.SplittableRandom;

/** Picks by chance; mostly what goes well. */
final class RandomChoices extends Choices {
  private final SplittableRandom random;
  private final int failuresOf100;

  RandomChoices(SplittableRandom random, int failuresOf100) {
    this.random = random;
    this.failuresOf100 = failuresOf100;
  }

  @Override
  int pick(int n) {
    return n > 1 && random.nextInt(100) < failuresOf100 ? 1 + random.nextInt(n - 1) : 0;
  }
}
