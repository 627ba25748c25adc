package dev.lodge.agent.alone;

import dev.lodge.agent.log.Log;
import dev.lodge.agent.reconcile.WorkLoop;
import dev.lodge.agent.storage.DiskProvisioner;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.api.ResourceKind;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/** Deletes images that nothing needs any more: soon after one is deleted, and from time to time. */
final class Housekeeping implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration EVERY = Duration.ofHours(1);

  /** The one key of the loop. */
  private static final String IMAGES = "images";

  private final ObjectStore store;
  private final DiskProvisioner disks;
  private final WorkLoop<String> loop;

  Housekeeping(ObjectStore store, DiskProvisioner disks) {
    this.store = store;
    this.disks = disks;
    this.loop = new WorkLoop<>("housekeeping", 1, _ -> tidy(), fault -> Log.fault("images", fault));
    soon();
  }

  /** Something was deleted. */
  void soon() {
    loop.wakeIn(IMAGES, SOON);
  }

  private void tidy() {
    Set<String> images = new LinkedHashSet<>();
    store.list(ResourceKind.VmImage).items().forEach(i -> images.add(i.uid()));
    try {
      int gone = disks.collect(images);
      if (gone > 0) {
        Log.info("images", "deleted what nothing needs", "count", Integer.toString(gone));
      }
    } catch (IOException e) {
      Log.warn("images", "nothing is deleted", "why", String.valueOf(e.getMessage()));
    }
    loop.wakeIn(IMAGES, EVERY);
  }

  @Override
  public void close() {
    loop.close();
  }
}
