package dev.lodge.agent.alone;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.image.ImageFailure;
import dev.lodge.agent.image.ImageListener;
import dev.lodge.agent.image.ImageState;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.common.Condition;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmimage.VmImageStatus;
import dev.lodge.manifest.LodgeJson;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes what becomes of imports into the statuses of images, and wakes the VMs that wait. */
final class ImageReports implements ImageListener {
  private final ObjectStore store;
  private final String nodeName;
  private final Consumer<StoredObject> settled;
  private final Clock clock;

  /**
   * @param settled told when an image is here or has failed for now
   */
  ImageReports(ObjectStore store, String nodeName, Consumer<StoredObject> settled, Clock clock) {
    this.store = store;
    this.nodeName = nodeName;
    this.settled = settled;
    this.clock = clock;
  }

  @Override
  public void changed(StoredObject image, ImageState state) {
    var unused = store.changeStatus(image.key(), image.uid(), tree -> overlay(tree, image, state));
    if (state instanceof ImageState.Present || state instanceof ImageState.Failed) {
      settled.accept(image);
    }
  }

  private ObjectNode overlay(ObjectNode tree, StoredObject image, ImageState state) {
    VmImageStatus before = LodgeJson.read(tree, VmImageStatus.class);
    VmImageStatus after =
        switch (state) {
          case ImageState.Absent _ ->
              status(
                  image,
                  before,
                  null,
                  Condition.Status.False,
                  Reason.Importing,
                  "not asked for yet");
          case ImageState.Importing i ->
              status(
                  image,
                  before,
                  new VmImageStatus.Host(nodeName, "Importing", bytes(i.bytes()), i.percent()),
                  Condition.Status.False,
                  Reason.Importing,
                  "being imported");
          case ImageState.Present p ->
              new VmImageStatus(
                  image.generation(),
                  p.digest(),
                  p.header().format().name(),
                  bytes(p.virtualSize()),
                  List.of(new VmImageStatus.Host(nodeName, "Present", bytes(p.size()), 100)),
                  List.of(
                      condition(
                          image,
                          before,
                          Condition.Status.True,
                          Reason.Available,
                          "on this node and checked")));
          case ImageState.Failed f ->
              status(
                  image,
                  before,
                  new VmImageStatus.Host(nodeName, "Failed", null, null),
                  Condition.Status.False,
                  Reason.ImageFailed,
                  message(f.failure()));
        };
    return LodgeJson.tree(after);
  }

  private static String message(ImageFailure failure) {
    return failure.message();
  }

  private VmImageStatus status(
      StoredObject image,
      VmImageStatus before,
      VmImageStatus.@Nullable Host host,
      Condition.Status ready,
      Reason reason,
      String message) {
    return new VmImageStatus(
        image.generation(),
        before.digest(),
        before.format(),
        before.virtualSize(),
        host == null ? null : List.of(host),
        List.of(condition(image, before, ready, reason, message)));
  }

  private Condition condition(
      StoredObject image,
      VmImageStatus before,
      Condition.Status ready,
      Reason reason,
      String message) {
    Condition old =
        before.conditions() == null || before.conditions().isEmpty()
            ? null
            : before.conditions().getFirst();
    String since =
        old != null && old.status() == ready
            ? old.lastTransitionTime()
            : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    return new Condition("Ready", ready, reason.name(), message, image.generation(), since);
  }

  /** Whole units, as people read sizes. */
  private static String bytes(long n) {
    String[] units = {"", "Ki", "Mi", "Gi", "Ti"};
    int u = 0;
    double v = n;
    while (v >= 1024 && u < units.length - 1) {
      v /= 1024;
      u++;
    }
    return u == 0 || v == Math.rint(v) ? Math.round(v) + units[u] : "%.1f%s".formatted(v, units[u]);
  }
}
