package dev.lodge.operator.needs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.api.v1alpha1.hostresource.HostResource;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImage;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetworkSpec;
import dev.lodge.operator.slot.SlotVolume;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class NeedsResolverTest {
  private final ObjectMapper mapper = new ObjectMapper();
  private final NeedsResolver resolver = new NeedsResolver(new Installation("id", "lodge-system"));
  private final Objects objects = new Objects();

  /** What there is. */
  private static final class Objects implements Lookup {
    final Map<String, VmNetwork> networks = new TreeMap<>();
    final Map<String, VmImage> images = new TreeMap<>();
    final Map<String, HostResource> resources = new TreeMap<>();
    final Map<String, Claim> claims = new TreeMap<>();

    @Override
    public VmNetwork network(String namespace, String name) {
      return networks.get(namespace + "/" + name);
    }

    @Override
    public VmImage image(String namespace, String name) {
      return images.get(namespace + "/" + name);
    }

    @Override
    public HostResource hostResource(String name) {
      return resources.get(name);
    }

    @Override
    public Claim claim(String namespace, String name) {
      return claims.getOrDefault(namespace + "/" + name, new Claim.Missing());
    }

    @Override
    public Map<String, String> namespaceLabels(String namespace) {
      return namespace.equals("shop") ? Map.of("team", "a") : Map.of();
    }
  }

  private Needs needs(String rest) throws Exception {
    var vm = new VirtualMachine();
    vm.setMetadata(new ObjectMetaBuilder().withNamespace("shop").withName("web").build());
    vm.setSpec(
        mapper.readValue(
            "{\"cpu\":{\"count\":1},\"memory\":{\"size\":\"64Mi\"}" + rest + "}",
            VirtualMachineSpec.class));
    return resolver.resolve(vm, objects);
  }

  private void network(String namespace, String name, String spec) throws Exception {
    var n = new VmNetwork();
    n.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(namespace)
            .withName(name)
            .withUid("u-" + name)
            .build());
    n.setSpec(mapper.readValue(spec, VmNetworkSpec.class));
    objects.networks.put(namespace + "/" + name, n);
  }

  private void image(String name, String source) throws Exception {
    var i = new VmImage();
    i.setMetadata(new ObjectMetaBuilder().withNamespace("shop").withName(name).build());
    i.setSpec(mapper.readValue("{\"source\":" + source + "}", VmImageSpec.class));
    objects.images.put("shop/" + name, i);
  }

  private void resource(String name, String spec) throws Exception {
    var r = new HostResource();
    r.setMetadata(new ObjectMetaBuilder().withName(name).build());
    r.setSpec(mapper.readValue(spec, HostResourceSpec.class));
    objects.resources.put(name, r);
  }

  @Test
  void a_vm_that_names_no_network_gets_the_installations_which_all_may_use() throws Exception {
    // Given
    network("lodge-system", "default", "{\"nat\":{},\"ipv4\":{\"cidr\":\"10.9.0.0/24\"}}");

    // When
    Needs needs = needs("");

    // Then
    assertThat(needs.problems()).isEmpty();
    assertThat(needs.networks())
        .singleElement()
        .satisfies(
            n -> {
              assertThat(n.networkName()).isEqualTo("lodge-system/default");
              assertThat(n.mac()).matches("52(:[0-9a-f]{2}){5}");
            });
  }

  @Test
  void a_network_of_another_namespace_must_allow_it() throws Exception {
    // Given
    network("net", "lan", "{\"nat\":{},\"ipv4\":{\"cidr\":\"10.9.0.0/24\"}}");
    network(
        "net",
        "open",
        "{\"nat\":{},\"ipv4\":{\"cidr\":\"10.8.0.0/24\"},\"allowedNamespaces\":{\"from\":\"Selector\",\"selector\":{\"matchLabels\":{\"team\":\"a\"}}}}");

    // When
    Needs needs =
        needs(
            ",\"interfaces\":[{\"name\":\"a\",\"networkRef\":{\"name\":\"lan\",\"namespace\":\"net\"}},{\"name\":\"b\",\"networkRef\":{\"name\":\"open\",\"namespace\":\"net\"}}]");

    // Then
    assertThat(needs.networks()).extracting(NetworkNeed::name).containsExactly("b");
    assertThat(needs.problems())
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.condition()).isEqualTo("NetworksReady");
              assertThat(p.message()).contains("net/lan may not be used from namespace shop");
            });
  }

  @Test
  void a_network_without_a_subnet_is_refused_with_the_mend() throws Exception {
    // Given
    network("shop", "default", "{\"nat\":{}}");

    // When / Then
    assertThat(needs("").problems())
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("spec.ipv4.cidr"));
  }

  @Test
  void images_come_by_the_slot_or_from_the_node_and_not_by_http() throws Exception {
    // Given
    image("oci", "{\"registry\":{\"reference\":\"quay.io/x:1\"}}");
    image("file", "{\"hostResourceRef\":{\"name\":\"isos\",\"path\":\"a.img\"}}");
    image("web", "{\"http\":{\"url\":\"https://example.org/x\"}}");

    // When
    Needs needs =
        needs(
            """
            ,"interfaces":[],"disks":[
             {"name":"a","source":{"imageRef":{"name":"oci"}}},
             {"name":"b","source":{"imageRef":{"name":"file"}}},
             {"name":"c","device":"CDROM","source":{"imageRef":{"name":"web"}}}]
            """);

    // Then
    assertThat(needs.volumes())
        .containsExactly(new SlotVolume.Image("/lodge/images/a", "quay.io/x:1", null));
    assertThat(needs.localDisk()).isEqualTo("a");
    assertThat(needs.problems())
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.condition()).isEqualTo("ImagesReady");
              assertThat(p.reason().name()).isEqualTo("NotHere");
            });
  }

  @Test
  void what_others_could_name_is_locked_and_what_is_on_the_node_binds() throws Exception {
    // Given
    objects.claims.put("shop/data", new Lookup.Claim.Found("uid-1", true));
    resource("san", "{\"type\":\"BlockDevice\",\"path\":\"/dev/san\",\"scope\":\"Shared\"}");
    resource("lv", "{\"type\":\"BlockDevice\",\"path\":\"/dev/vg/a\"}");

    // When
    Needs needs =
        needs(
            """
            ,"interfaces":[],"disks":[
             {"name":"p","source":{"claimRef":{"name":"data"}}},
             {"name":"s","source":{"hostResourceRef":{"name":"san"}}},
             {"name":"l","source":{"hostResourceRef":{"name":"lv"}}},
             {"name":"gone","source":{"claimRef":{"name":"nope"}}}]
            """);

    // Then
    assertThat(needs.locks())
        .extracting(l -> l.nameOn("n1").replaceAll("-[0-9a-f]{16}$", ""))
        .containsExactly("pvc-uid-1", "hr-san", "hr-lv-n1");
    assertThat(needs.volumes()).containsExactly(new SlotVolume.Claim("p", "data", true, false));
    assertThat(needs.localDisk()).isEqualTo("l");
    assertThat(needs.problems())
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("no PersistentVolumeClaim 'nope'"));
  }
}
