package dev.lodge.domain.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NameableDisksTest {
  private final ObjectMapper mapper = new ObjectMapper();

  @Test
  void only_disks_that_are_written_and_that_others_could_name_count_with_the_path_of_the_node()
      throws Exception {
    // Given
    var spec =
        mapper.readValue(
            """
            {"cpu": {"count": 1}, "memory": {"size": "64Mi"}, "disks": [
              {"name": "own", "size": "1Gi", "source": {"blank": {}}},
              {"name": "pvc", "source": {"claimRef": {"name": "data"}}, "access": "Shared"},
              {"name": "read", "source": {"claimRef": {"name": "other"}}, "access": "ReadOnly"},
              {"name": "cd", "device": "CDROM", "source": {"hostResourceRef": {"name": "isos", "path": "a.iso"}}},
              {"name": "lv", "source": {"hostResourceRef": {"name": "vg"}}},
              {"name": "file", "source": {"hostResourceRef": {"name": "isos", "path": "b.img"}}},
              {"name": "gone", "source": {"hostResourceRef": {"name": "nobody"}}}]}
            """,
            VirtualMachineSpec.class);
    var resources =
        Map.of(
            "vg",
            mapper.readValue(
                """
                {"type": "BlockDevice", "path": "/dev/vg/a", "perHost": [{"host": "n2", "path": "/dev/vg2/a"}]}
                """,
                HostResourceSpec.class),
            "isos",
            mapper.readValue(
                """
                {"type": "Directory", "path": "/isos", "access": "ReadOnly", "scope": "Shared"}
                """,
                HostResourceSpec.class));

    // When
    var onTwo = NameableDisks.of(spec, resources::get, "n2");

    // Then
    assertThat(onTwo)
        .containsExactly(
            new ClaimedDisks.Nameable("pvc", "pvc/data", true),
            new ClaimedDisks.Nameable("lv", "hr/vg/Node//dev/vg2/a/", false));
  }
}
