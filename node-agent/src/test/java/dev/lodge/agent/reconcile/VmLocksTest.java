package dev.lodge.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.domain.ownership.NodeEntry;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two agents over one state directory, as during an upgrade. */
class VmLocksTest {
  @TempDir Path vms;

  @Test
  void one_process_at_a_time() throws IOException {
    var first = new VmLocks(vms);
    var second = new VmLocks(vms);
    assertThat(first.lock("u")).isTrue();
    assertThat(first.lock("u")).as("again by the same thread").isTrue();
    assertThat(second.lock("u")).isFalse();
    assertThat(second.lock("other")).isTrue();
    first.unlock("u");
    assertThat(second.lock("u")).as("it is held once more").isFalse();
    first.unlock("u");
    assertThat(second.lock("u")).isTrue();
  }

  @Test
  void another_thread_waits_its_turn() throws Exception {
    var locks = new VmLocks(vms);
    assertThat(locks.lock("u")).isTrue();
    boolean got =
        CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return locks.lock("u");
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                })
            .get();
    assertThat(got).isFalse();
  }

  @Test
  void a_record_is_changed_from_what_it_is_by_now() throws IOException {
    var first = new NodeRecords(vms, LodgeJson.mapper());
    var second = new NodeRecords(vms, LodgeJson.mapper());
    first.change("u", r -> r.entry(new NodeEntry.Known(3, null)));
    second.change("u", r -> r.ended(new NodeRecord.Ended(NodeRecord.Ended.How.Crash, "now")));
    assertThat(first.read("u").entry()).isEqualTo(new NodeEntry.Known(3, null));
    first.change("u", r -> r.entry(new NodeEntry.Known(3, new NodeEntry.Hold(4, "n"))));
    assertThat(second.read("u").entry())
        .isEqualTo(new NodeEntry.Known(3, new NodeEntry.Hold(4, "n")));

    assertThat(first.locks().lock("u")).isTrue();
    assertThatThrownBy(() -> second.change("u", r -> r)).hasMessageContaining("another agent");
  }
}
