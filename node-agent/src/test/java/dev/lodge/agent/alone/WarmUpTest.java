package dev.lodge.agent.alone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.reconcile.Preparation;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmUpTest {
  @TempDir Path directory;

  @Test
  void everyRoundReachesThePlanAndNothingIsLeft() throws Exception {
    // Given what a killed agent left behind
    Path scratch = directory.resolve(".warm-up");
    Files.createDirectories(scratch.resolve("state"));
    Files.writeString(scratch.resolve("state/leftover"), "x");
    var planned = new Planned();

    // When
    new WarmUp(scratch, new AloneAdmission("default"), planned).run();

    // Then
    assertThat(planned.cpus).hasSize(WarmUp.ROUNDS).doesNotHaveDuplicates();
    assertThat(scratch).doesNotExist();
  }

  /** Notes what it is asked to plan; touches nothing. */
  private static final class Planned implements Preparation.Preparer {
    final List<Object> cpus = new ArrayList<>();

    @Override
    public Preparation live(StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      cpus.add(spec.cpu());
      return new Preparation.NotReady(
          VirtualMachineConditions.READY, Reason.Unsupported, "only a test", false);
    }

    @Override
    public Preparation prepare(
        StoredObject vm, VirtualMachineSpec spec, VirtualMachineStatus status) {
      throw new AssertionError("a warm-up must not provide disks or networks");
    }

    @Override
    public void adopted(StoredObject vm, VirtualMachineSpec spec, int pid) {
      throw new AssertionError();
    }

    @Override
    public void released(StoredObject vm) {
      throw new AssertionError();
    }

    @Override
    public void deleted(StoredObject vm, VirtualMachineSpec spec) {
      throw new AssertionError();
    }
  }
}
