package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.domain.machine.NetworkPlan.Host;
import dev.lodge.libvirtxml.DnsmasqFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFilesTest {
  private static final Host A = new Host("52:54:00:00:00:0a", "10.0.0.10", "a");
  private static final Host HEIR = new Host("52:54:00:00:00:0b", "10.0.0.10", "b");
  private static final String FILE_A = "52-54-00-00-00-0a";
  private static final String FILE_HEIR = "52-54-00-00-00-0b";

  @TempDir private Path root;
  private final AtomicInteger reloads = new AtomicInteger();
  private DnsmasqFiles where;
  private HostFiles files;

  @BeforeEach
  void a_network_with_one_lease() throws Exception {
    where = new DnsmasqFiles(root.resolve("n").toString());
    files = new HostFiles(where);
    files.begin(List.of(A), "probe.lodge.invalid", "10.0.0.1");
  }

  @Test
  void another_user_can_read_all_that_a_network_begins_with() throws Exception {
    assertThat(Files.readString(hosts().resolve(FILE_A)))
        .isEqualTo("52:54:00:00:00:0a,10.0.0.10,a\n");
    assertThat(Files.readString(Path.of(where.names(), "probe.lodge.invalid")))
        .isEqualTo("10.0.0.1 probe.lodge.invalid\n");
    assertThat(mode(Path.of(where.directory()))).isEqualTo("rwxr-xr-x");
    assertThat(mode(hosts())).isEqualTo("rwxr-xr-x");
    assertThat(mode(hosts().resolve(FILE_A))).isEqualTo("rw-r--r--");
  }

  @Test
  void what_is_retired_is_kept_until_dnsmasq_has_read_all_again() throws Exception {
    update();
    List<String> afterwards = present();
    update(HEIR);

    assertThat(afterwards).containsExactly(".retired-" + FILE_A);
    assertThat(present()).containsExactly(FILE_HEIR);
    assertThat(reloads).hasValue(1);
  }

  @Test
  void a_signal_that_failed_is_sent_the_next_time() throws Exception {
    assertThatThrownBy(
            () ->
                files.update(
                    List.of(HEIR),
                    _ -> {
                      throw new IllegalStateException("libvirtd is gone");
                    }))
        .hasMessage("libvirtd is gone");
    assertThat(present()).contains(FILE_HEIR);

    update(HEIR);
    update(HEIR);

    assertThat(reloads).hasValue(1);
    assertThat(present()).containsExactly(FILE_HEIR);
  }

  @Test
  void a_lost_file_is_written_again() throws Exception {
    Files.delete(hosts().resolve(FILE_A));

    update(A);

    assertThat(present()).containsExactly(FILE_A);
    assertThat(reloads).hasValue(0);
  }

  @Test
  void a_lost_directory_is_made_again_and_dnsmasq_is_told_of_each_lease() throws Exception {
    files.remove();

    update(A);
    update(A, new Host("52:54:00:00:00:0c", "10.0.0.12", "c"));

    assertThat(present()).containsExactly(".unwatched", FILE_A, "52-54-00-00-00-0c");
    assertThat(reloads).hasValue(2);
  }

  @Test
  void a_network_made_again_finds_nothing_of_the_one_before() throws Exception {
    files.remove();
    update(A);
    update();

    files.begin(List.of(HEIR), "probe.lodge.invalid", "10.0.0.1");

    assertThat(present()).containsExactly(FILE_HEIR);
  }

  @Test
  void all_goes_with_the_network() throws Exception {
    files.remove();
    files.remove();

    assertThat(root).isEmptyDirectory();
  }

  private void update(Host... wanted) throws Exception {
    files.update(List.of(wanted), _ -> reloads.incrementAndGet());
  }

  private Path hosts() {
    return Path.of(where.hosts());
  }

  private List<String> present() throws IOException {
    try (Stream<Path> all = Files.list(hosts())) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
