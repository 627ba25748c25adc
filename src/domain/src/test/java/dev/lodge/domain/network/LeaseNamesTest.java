package dev.lodge.domain.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.machine.NetworkPlan;
import dev.lodge.domain.network.LeaseNames.Lease;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseNamesTest {

  private static Lease lease(String namespace, String vm, String nic) {
    return new Lease(namespace, vm, nic, "mac-" + namespace + vm + nic, "ip");
  }

  private static List<String> names(Lease... leases) {
    return LeaseNames.hosts("default", List.of(leases)).stream()
        .map(NetworkPlan.Host::name)
        .toList();
  }

  @Test
  void a_vm_of_the_networks_namespace_has_its_own_name() {
    assertThat(names(lease("default", "web", "lan"))).containsExactly("web");
  }

  @Test
  void a_second_interface_and_a_namesake_elsewhere_are_told_apart() {
    assertThat(
            names(
                lease("team", "web", "lan"),
                lease("default", "web", "lan"),
                lease("default", "web", "storage"),
                lease("team", "web", "storage")))
        .containsExactly("web-team", "web", "web-storage", "web-storage-team");
  }

  @Test
  void no_two_are_the_same_whatever_the_names_are() {
    assertThat(
            names(
                lease("default", "a", "x"),
                lease("default", "a", "b"),
                lease("default", "a-b", "x"),
                lease("b", "a", "x")))
        .contains("a", "a-b")
        .doesNotHaveDuplicates();
  }

  @Test
  void names_fit_into_dns() {
    String longest = "v".repeat(63);
    assertThat(names(lease("default", longest, "x"), lease("default", longest, "y")))
        .doesNotHaveDuplicates()
        .allSatisfy(n -> assertThat(n).matches("[a-z0-9-]{1,62}[a-z0-9]"));
  }

  @Test
  void a_name_that_dnsmasq_would_take_for_something_else_is_changed() {
    for (String word : List.of("ignore", "infinite", "12", "12h", "3w")) {
      assertThat(names(lease("default", word, "lan")))
          .singleElement()
          .asString()
          .matches(word + "-[0-9a-f]{8}");
    }
    assertThat(names(lease("default", "12x", "lan"), lease("default", "h", "lan")))
        .containsExactly("12x", "h");
  }

  @Test
  void mac_and_address_stay_with_their_interface() {
    var lease = new Lease("default", "web", "lan", "52:00:00:00:00:01", "10.0.0.2");
    assertThat(LeaseNames.hosts("default", List.of(lease)))
        .containsExactly(new NetworkPlan.Host("52:00:00:00:00:01", "10.0.0.2", "web"));
  }
}
