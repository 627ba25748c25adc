package dev.lodge.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.source.DirectoryStore;
import dev.lodge.agent.source.DirectoryStoreOptions;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.manifest.LodgeJson;
import dev.lodge.testkit.hypervisor.InMemoryHypervisor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dnsmasq gives a leased address to nobody else, so we must not promise it to anybody. */
class LeasedAddressTest {
  @TempDir private Path directory;

  @Test
  void the_address_of_a_deleted_vm_is_not_given_again_while_its_lease_runs() throws Exception {
    var lease = new DhcpLease("52:00:00:00:00:01", "10.127.0.2", "gone", Instant.MAX);
    try (DirectoryStore store =
        DirectoryStore.open(
            DirectoryStoreOptions.of(
                    directory.resolve("manifests"),
                    directory.resolve("state"),
                    (key, candidate, existing) -> List.of())
                .withFinalized(List.of(ResourceKind.VirtualMachine)))) {
      var networks =
          new Networks(
              store, leasing(lease), "installation", "default", List::of, Clock.systemUTC());

      assertThat(address(networks, vm(store, "a"))).isEqualTo("10.127.0.3");
    }
  }

  private static String address(Networks networks, StoredObject vm) {
    var outcome =
        networks.prepare(
            vm, LodgeJson.read(vm.spec(), VirtualMachineSpec.class), VirtualMachineStatus.empty());
    assertThat(outcome).isInstanceOf(NetworkOutcome.Ready.class);
    return ((NetworkOutcome.Ready) outcome).interfaces().getFirst().ips().getFirst();
  }

  private static StoredObject vm(DirectoryStore store, String name) throws Exception {
    return store.create(
        (ObjectNode)
            LodgeJson.mapper()
                .readTree(
                    """
                    {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
                     "metadata":{"name":"%s","namespace":"default"},
                     "spec":{"cpu":{"count":1},"memory":{"size":"64Mi"}}}
                    """
                        .formatted(name)));
  }

  /** A hypervisor in memory whose dnsmasq holds this lease. */
  private static Hypervisor leasing(DhcpLease lease) {
    var memory = new InMemoryHypervisor();
    return (Hypervisor)
        Proxy.newProxyInstance(
            LeasedAddressTest.class.getClassLoader(),
            new Class<?>[] {Hypervisor.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("leases")) {
                return List.of(lease);
              }
              try {
                return method.invoke(memory, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
