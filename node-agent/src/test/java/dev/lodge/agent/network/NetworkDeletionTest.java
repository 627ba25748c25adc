package dev.lodge.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.source.DirectoryStore;
import dev.lodge.agent.source.DirectoryStoreOptions;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.manifest.LodgeJson;
import dev.lodge.testkit.hypervisor.InMemoryHypervisor;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkDeletionTest {
  private static final ObjectKey DEFAULT =
      new ObjectKey(ResourceKind.VmNetwork, "default", "default");

  @TempDir private Path directory;
  private final InMemoryHypervisor hypervisor = new InMemoryHypervisor();
  private DirectoryStore store;
  private Networks networks;
  private StoredObject vm;

  @BeforeEach
  void a_vm_on_the_default_network() throws Exception {
    store =
        DirectoryStore.open(
            DirectoryStoreOptions.of(
                    directory.resolve("manifests"),
                    directory.resolve("state"),
                    (key, candidate, existing) -> List.of())
                .withFinalized(List.of(ResourceKind.VirtualMachine, ResourceKind.VmNetwork)));
    networks =
        new Networks(store, hypervisor, "installation", "default", List::of, Clock.systemUTC());
    vm =
        store.create(
            (ObjectNode)
                LodgeJson.mapper()
                    .readTree(
                        """
                        {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
                         "metadata":{"name":"a","namespace":"default"},
                         "spec":{"cpu":{"count":1},"memory":{"size":"64Mi"}}}
                        """));
    assertThat(
            networks.prepare(
                vm,
                LodgeJson.read(vm.spec(), VirtualMachineSpec.class),
                VirtualMachineStatus.empty()))
        .isInstanceOf(NetworkOutcome.Ready.class);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void a_network_that_is_deleted_stays_while_a_vm_uses_it_and_says_which() {
    store.delete(DEFAULT);
    networks.reconcile(DEFAULT);

    assertThat(store.get(DEFAULT)).isPresent();
    assertThat(store.get(DEFAULT).orElseThrow().status().toString())
        .contains("still used by default/a");
  }

  @Test
  void a_start_does_not_wait_until_the_count_of_addresses_is_written() throws Exception {
    var woken = new ArrayList<ObjectKey>();
    networks.countedBy(woken::add);
    StoredObject second =
        store.create(
            (ObjectNode)
                LodgeJson.mapper()
                    .readTree(
                        """
                        {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
                         "metadata":{"name":"b","namespace":"default"},
                         "spec":{"cpu":{"count":1},"memory":{"size":"64Mi"}}}
                        """));

    networks.prepare(
        second,
        LodgeJson.read(second.spec(), VirtualMachineSpec.class),
        VirtualMachineStatus.empty());
    int atOnce = used();
    networks.reconcile(DEFAULT);

    assertThat(woken).containsExactly(DEFAULT);
    assertThat(atOnce).isEqualTo(1);
    assertThat(used()).isEqualTo(2);
  }

  private int used() {
    return store.get(DEFAULT).orElseThrow().status().path("addressesUsed").asInt();
  }

  @Test
  void it_goes_with_the_last_vm_that_used_it() {
    store.delete(DEFAULT);
    networks.reconcile(DEFAULT);

    networks.deleted(vm);

    assertThat(store.get(DEFAULT)).isEmpty();
  }

  @Test
  void a_network_that_nobody_deletes_stays_when_its_vms_go() {
    networks.deleted(vm);

    assertThat(store.get(DEFAULT)).isPresent();
  }
}
