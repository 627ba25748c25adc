package dev.lodge.agent.hostfile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.common.HostResourceRef;
import dev.lodge.manifest.LodgeJson;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In a pod a path of the host that is not mounted there would lead to a file of the pod. */
class ReferencesTest {
  private static final References.Node NODE =
      new References.Node("node1", List.of(Path.of("/dev"), Path.of("/srv/images")));

  @ParameterizedTest
  @ValueSource(strings = {"/etc/passwd", "/var/lib/lodge/vms", "/srv/images-of-others", "/srv"})
  void what_the_pod_has_not_from_the_host_is_refused_with_the_mend(String path) {
    assertThat(target(path, NODE))
        .isInstanceOfSatisfying(
            References.Target.Refused.class,
            r -> assertThat(r.message()).contains(path, "agent.hostPaths (now /dev, /srv/images)"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/vg/a", "/srv/images", "/srv/images/debian.iso"})
  void what_it_has_is_found(String path) {
    assertThat(target(path, NODE)).isInstanceOf(References.Target.Found.class);
  }

  @Test
  void a_pod_with_nothing_of_the_host_sees_nothing() {
    assertThat(target("/dev/vg/a", new References.Node("node1", List.of())))
        .isInstanceOf(References.Target.Refused.class);
  }

  @Test
  void outside_of_a_pod_every_path_is_the_hosts() {
    assertThat(target("/etc/passwd", new References.Node("node1", null)))
        .isInstanceOf(References.Target.Found.class);
    assertThat(target("/etc/passwd", null)).isInstanceOf(References.Target.Found.class);
  }

  private static References.Target<?> target(String path, References.Node node) {
    return new References(key -> Optional.of(resource(key, path)), node)
        .hostResource("default", new HostResourceRef("r", null));
  }

  private static StoredObject resource(ObjectKey key, String path) {
    ObjectNode tree = LodgeJson.mapper().createObjectNode();
    tree.putObject("spec").put("type", "File").put("path", path);
    return new StoredObject(
        ResourceKind.HostResource, "", key.name(), "u", 1, 1, false, null, false, tree);
  }
}
