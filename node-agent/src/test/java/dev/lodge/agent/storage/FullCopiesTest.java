package dev.lodge.agent.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FullCopiesTest {
  private final List<String> ready = Collections.synchronizedList(new ArrayList<>());
  private final List<String> begun = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch atLast = new CountDownLatch(1);
  private final FullCopies copies = new FullCopies(ready::add);

  @AfterEach
  void close() {
    atLast.countDown();
    copies.close();
  }

  @Test
  void nobodyWaitsForTheCopyOfAnotherVm() throws Exception {
    var first = new CountDownLatch(1);
    copies.copy(
        "a",
        "root",
        progress -> {
          first.countDown();
          await(atLast);
        });
    await(first);
    copies.copy("b", "root", progress -> begun.add("b"));

    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> copies.cancel("b"));

    // And what was cancelled never begins, but the same VM may have another copy made.
    var again = new CountDownLatch(1);
    copies.copy("b", "root", progress -> again.countDown());
    atLast.countDown();
    await(again);
    assertThat(begun).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
