package dev.lodge.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.reconcile.ClaimGuard;
import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.hypervisor.NetworkState;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.manifest.LodgeJson;
import dev.lodge.testkit.hypervisor.HypervisorCall;
import dev.lodge.testkit.hypervisor.InMemoryHypervisor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ClusterNetworksTest {
  private final InMemoryHypervisor hypervisor = new InMemoryHypervisor();
  private final Objects objects = new Objects();
  private Optional<String> refusal = Optional.empty();
  private final ClusterNetworks networks =
      new ClusterNetworks(objects, hypervisor, (ClaimGuard) () -> refusal, List::of);

  @Test
  void a_network_that_is_gone_is_removed_by_the_chore_and_not_by_who_tells_of_it() {
    StoredObject lan = objects.network("lan", 10);
    StoredObject vm = objects.vmOn("lan");
    networks.settle();
    assertThat(names()).containsExactly(DomainNames.network("default", "lan"));
    objects.remove(vm);
    objects.remove(lan);

    networks.retire(lan.key());
    assertThat(hypervisor.calls()).doesNotContain(HypervisorCall.REMOVE_NETWORK);

    assertThat(networks.settle()).isTrue();
    assertThat(names()).isEmpty();
  }

  @Test
  void a_network_under_a_guest_stays_until_the_guest_is_gone() {
    StoredObject lan = objects.network("lan", 10);
    StoredObject vm = objects.vmOn("lan");
    networks.settle();
    objects.remove(lan);
    networks.retire(lan.key());

    assertThat(networks.settle()).isFalse();
    assertThat(names()).hasSize(1);
    objects.remove(vm);
    assertThat(networks.settle()).isTrue();
    assertThat(names()).isEmpty();
  }

  @Test
  void a_wiped_api_server_takes_no_network_from_under_guests() {
    StoredObject lan = objects.network("lan", 10);
    StoredObject vm = objects.vmOn("lan");
    networks.settle();
    objects.remove(vm);
    objects.remove(lan);
    refusal = Optional.of("the VmHost is gone");

    networks.retire(lan.key());

    assertThat(networks.settle()).isFalse();
    assertThat(names()).hasSize(1);
  }

  @Test
  void one_network_that_cannot_be_brought_up_keeps_no_other_down() {
    objects.network("a", 10);
    objects.network("b", 11);
    objects.vmOn("a", "b");
    hypervisor.failNext(
        HypervisorCall.ENSURE_NETWORK, 1, new HypervisorFailure.Failed("no such bridge"));

    assertThat(networks.settle()).isFalse();
    assertThat(names()).hasSize(1);
    assertThat(networks.settle()).isTrue();
    assertThat(names()).hasSize(2);
  }

  private List<String> names() {
    return hypervisor.networks().stream().map(NetworkState::libvirtName).toList();
  }

  private static final class Objects implements NodeStore {
    private final Map<ObjectKey, StoredObject> all = new LinkedHashMap<>();

    StoredObject network(String name, int third) {
      return put(
          ResourceKind.VmNetwork,
          name,
          """
          {"spec":{"nat":{},"ipv4":{"cidr":"10.77.%d.0/24"}}}
          """
              .formatted(third));
    }

    StoredObject vmOn(String... networks) {
      StringBuilder nics = new StringBuilder();
      for (String n : networks) {
        nics.append(nics.isEmpty() ? "" : ",")
            .append(
                "{\"name\":\"%s\",\"network\":\"default/%s\",\"mac\":\"52:54:00:00:00:0%d\"}"
                    .formatted(n, n, nics.length() % 9));
      }
      return put(
          ResourceKind.VirtualMachine,
          "vm",
          "{\"spec\":{},\"status\":{\"interfaces\":[%s]}}".formatted(nics));
    }

    private StoredObject put(ResourceKind kind, String name, String json) {
      try {
        var object =
            new StoredObject(
                kind,
                "default",
                name,
                "uid-" + name,
                1,
                1,
                false,
                null,
                false,
                (ObjectNode) LodgeJson.mapper().readTree(json));
        all.put(object.key(), object);
        return object;
      } catch (java.io.IOException e) {
        throw new AssertionError(e);
      }
    }

    void remove(StoredObject object) {
      all.remove(object.key());
    }

    @Override
    public Listing list(ResourceKind kind) {
      return new Listing(1, all.values().stream().filter(o -> o.kind() == kind).toList());
    }

    @Override
    public Optional<StoredObject> get(ObjectKey key) {
      return Optional.ofNullable(all.get(key));
    }

    @Override
    public Live read(ObjectKey key) {
      return get(key).<Live>map(Live.Found::new).orElseGet(Live.Absent::new);
    }

    @Override
    public StatusWrite writeStatus(
        ObjectKey key, String uid, long resourceVersion, ObjectNode status) {
      throw new AssertionError("no status is written for a network of a node");
    }

    @Override
    public StatusWrite changeStatus(ObjectKey key, String uid, UnaryOperator<ObjectNode> change) {
      throw new AssertionError("no status is written for a network of a node");
    }

    @Override
    public void finish(ObjectKey key, String uid) {}

    @Override
    public Subscription watch(ResourceKind kind, long version, Consumer<StoreEvent> listener) {
      return () -> {};
    }
  }
}
