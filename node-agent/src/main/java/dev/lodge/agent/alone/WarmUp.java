package dev.lodge.agent.alone;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.image.Trees;
import dev.lodge.agent.log.Log;
import dev.lodge.agent.reconcile.Preparation;
import dev.lodge.agent.source.DirectoryStore;
import dev.lodge.agent.source.DirectoryStoreOptions;
import dev.lodge.agent.store.Admission;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.libvirtxml.DomainXml;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * Walks the way of a start without libvirt once the agent is ready, beside whatever it does then: a
 * manifest in a directory of its own, admission, durable records, plan, XML. Code that runs for the
 * first time costs a start half a second, and a burst of starts after a boot pays it while libvirt
 * waits.
 */
final class WarmUp {
  static final int ROUNDS = 20;
  private static final ObjectKey KEY =
      new ObjectKey(ResourceKind.VirtualMachine, "default", "warm-up");
  private static final String MANIFEST =
      """
      apiVersion: lodge.dev/v1alpha1
      kind: VirtualMachine
      metadata: {name: warm-up, namespace: default}
      spec:
        hypervisor: Auto
        cpu: {count: %d}
        memory: {size: 128Mi}
        firmware: {type: BIOS}
        stop: {gracePeriodSeconds: 0}
        disks: []
        interfaces: []
        consoles: {serial: {}}
      """;

  private final Path scratch;
  private final Admission admission;
  private final Preparation.Preparer preparer;

  WarmUp(Path scratch, Admission admission, Preparation.Preparer preparer) {
    this.scratch = scratch;
    this.admission = admission;
    this.preparer = preparer;
  }

  /**
   * Begins in the background; nothing waits for it and nothing depends on it.
   *
   * @param scratch removed before and afterwards
   */
  static void begin(Path scratch, Admission admission, Preparation.Preparer preparer) {
    var warmUp = new WarmUp(scratch, admission, preparer);
    Thread.ofPlatform()
        .daemon()
        .name("lodge-warm-up")
        .start(
            () -> {
              try {
                warmUp.run();
              } catch (IOException | RuntimeException e) {
                // Starts are slower at first, and what is wrong shows where it matters.
                Log.debug("agent", "not warmed up", e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  void run() throws IOException, InterruptedException {
    Trees.delete(scratch);
    Path manifests = scratch.resolve("manifests");
    DirectoryStoreOptions options =
        DirectoryStoreOptions.of(manifests, scratch.resolve("state"), admission)
            .withTimes(Duration.ZERO, Duration.ofMinutes(1));
    try (DirectoryStore store = DirectoryStore.open(options)) {
      for (int i = 1; i <= ROUNDS; i++) {
        round(store, manifests, i);
      }
    }
    Trees.delete(scratch);
  }

  private void round(DirectoryStore store, Path manifests, int i)
      throws IOException, InterruptedException {
    Path written = Files.writeString(manifests.resolve(".warm-up"), MANIFEST.formatted(i));
    Files.move(written, manifests.resolve("warm-up.yaml"), StandardCopyOption.ATOMIC_MOVE);
    StoredObject vm = awaitGeneration(store, i);
    VirtualMachineSpec spec = LodgeJson.read(vm.spec(), VirtualMachineSpec.class);
    Preparation plan = preparer.live(vm, spec, VirtualMachineStatus.empty());
    if (plan instanceof Preparation.Ready ready) {
      DomainXml.render(ready.plan());
      ObjectNode status = LodgeJson.mapper().createObjectNode();
      status.set("hardware", LodgeJson.mapper().valueToTree(ready.hardware()));
      status.put("epoch", i);
      store.writeStatus(KEY, vm.uid(), 0, status);
    }
  }

  private static StoredObject awaitGeneration(DirectoryStore store, long generation)
      throws IOException, InterruptedException {
    for (int polls = 0; polls < 5000; polls++) {
      StoredObject vm = store.get(KEY).orElse(null);
      if (vm != null && vm.generation() >= generation) {
        return vm;
      }
      Thread.sleep(1);
    }
    throw new IOException("the manifest was not taken: " + store.problems());
  }
}
