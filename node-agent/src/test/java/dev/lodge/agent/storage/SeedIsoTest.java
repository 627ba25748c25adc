package dev.lodge.agent.storage;

import static dev.lodge.agent.storage.StorageFixture.UID;
import static dev.lodge.agent.storage.StorageFixture.installed;
import static dev.lodge.agent.storage.StorageFixture.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeedIsoTest {
  private static final String CLOUD_INIT =
      "'cloudInit':{'userData':'#cloud-config\\nhostname: x\\n','networkData':'version: 2\\n'}";

  @TempDir Path temp;
  private StorageFixture host;

  @BeforeEach
  void aHost() throws IOException {
    assumeTrue(installed("xorriso"));
    host = new StorageFixture(temp);
  }

  @AfterEach
  void close() throws IOException {
    if (host != null) {
      host.close();
    }
  }

  @Test
  void holdsWhatNoCloudLooksFor() throws Exception {
    Path seed = Path.of(host.prepared(CLOUD_INIT).cloudInitSeed());

    assertThat(run("xorriso", "-indev", seed.toString(), "-pvd_info"))
        .contains("Volume Id    : cidata");
    assertThat(file(seed, "user-data")).isEqualTo("#cloud-config\nhostname: x\n");
    assertThat(file(seed, "meta-data"))
        .isEqualTo("instance-id: " + UID + "\nlocal-hostname: vm1\n");
    assertThat(file(seed, "network-config")).isEqualTo("version: 2\n");
  }

  @Test
  void othersDoNotReadItAndNothingElseStays() throws Exception {
    Path seed = Path.of(host.prepared(CLOUD_INIT).cloudInitSeed());

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(seed)))
        .isEqualTo("r--r-----");
    try (var left = Files.list(seed.getParent())) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("seed.iso", "seed.sha256");
    }
  }

  @Test
  void isMadeAnewOnlyWhenItsContentChanged() throws Exception {
    Path seed = Path.of(host.prepared(CLOUD_INIT).cloudInitSeed());
    byte[] first = Files.readAllBytes(seed);
    Object inode = Files.getAttribute(seed, "unix:ino");
    host.prepared(CLOUD_INIT);
    assertThat(Files.getAttribute(seed, "unix:ino")).isEqualTo(inode);

    host.prepared(CLOUD_INIT.replace("hostname: x", "hostname: y"));
    assertThat(file(seed, "user-data")).contains("hostname: y");
    secondPasses();
    host.prepared(CLOUD_INIT);
    assertThat(seed).as("the same content gives the same bytes").hasBinaryContent(first);
  }

  @Test
  void goesWithTheWish() throws Exception {
    Path seed = Path.of(host.prepared(CLOUD_INIT).cloudInitSeed());

    assertThat(host.prepared("'disks':[]").cloudInitSeed()).isNull();
    assertThat(seed).doesNotExist();
  }

  @Test
  void withoutUserDataItIsStillASeed() throws Exception {
    Path seed = Path.of(host.prepared("'cloudInit':{}").cloudInitSeed());

    assertThat(file(seed, "user-data")).isEqualTo("#cloud-config\n");
    assertThat(run("xorriso", "-indev", seed.toString(), "-ls", "/"))
        .doesNotContain("network-config");
  }

  /** An ISO holds its times in seconds. */
  private static void secondPasses() throws InterruptedException {
    long second = System.currentTimeMillis() / 1000;
    while (System.currentTimeMillis() / 1000 == second) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private String file(Path seed, String name) throws Exception {
    Path out = temp.resolve("out-" + name);
    Files.deleteIfExists(out);
    run(
        "xorriso",
        "-osirrox",
        "on",
        "-indev",
        seed.toString(),
        "-extract",
        "/" + name,
        out.toString());
    return Files.readString(out);
  }
}
