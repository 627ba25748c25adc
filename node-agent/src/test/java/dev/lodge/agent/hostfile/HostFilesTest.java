package dev.lodge.agent.hostfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lodge.agent.hostfile.OpenResult.Opened;
import dev.lodge.agent.hostfile.OpenResult.Refused;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec.Type;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostFilesTest {
  @TempDir Path temp;
  private Path dir;

  @BeforeEach
  void aDirectoryBesideASecret() throws IOException {
    dir = Files.createDirectories(temp.resolve("images"));
    Files.createDirectories(dir.resolve("sub"));
    Files.writeString(dir.resolve("sub/disk.img"), "disk");
    Files.writeString(temp.resolve("secret"), "root only");
  }

  @Test
  void opensAFileBelowADirectory() throws IOException {
    try (OpenFile file = opened(open(Type.Directory, dir, "sub/disk.img"))) {
      assertThat(Files.readString(file.path())).isEqualTo("disk");
      assertThat(file.facts().id()).isEqualTo(FileFacts.of(dir.resolve("sub/disk.img")).id());
      assertThat(file.realPath()).isEqualTo(dir.resolve("sub/disk.img").toRealPath());
    }
  }

  @Test
  void theDescriptorStaysWithTheFileWhenItsNameIsGivenToAnother() throws IOException {
    try (OpenFile file = opened(open(Type.Directory, dir, "sub/disk.img"))) {
      Files.delete(dir.resolve("sub/disk.img"));
      Files.createSymbolicLink(dir.resolve("sub/disk.img"), temp.resolve("secret"));

      assertThat(Files.readString(file.path())).isEqualTo("disk");
    }
  }

  @Test
  void followsNoSymbolicLinkOnTheWay() throws IOException {
    Files.createSymbolicLink(dir.resolve("last"), temp.resolve("secret"));
    Files.createSymbolicLink(dir.resolve("middle"), temp);
    Files.createSymbolicLink(dir.resolve("within"), Path.of("sub/disk.img"));
    Files.createSymbolicLink(dir.resolve("magic"), Path.of("/proc/self/root"));

    for (String path : new String[] {"last", "middle/secret", "within", "magic/etc/passwd"}) {
      assertThat(refused(open(Type.Directory, dir, path)))
          .as(path)
          .satisfies(
              r -> {
                assertThat(r.reason()).isEqualTo(Reason.InvalidSpec);
                assertThat(r.message()).contains("symbolic link");
              });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../secret", "sub/../../secret", "..", "/etc/passwd", "a\u0000b", "a\nb", ""})
  void refusesPathsThatLeadOutOrHideSomething(String path) {
    assertThat(refused(open(Type.Directory, dir, path)).reason()).isEqualTo(Reason.InvalidSpec);
  }

  @Test
  void aLinkSwappedInDuringTheWalkNeverLeadsOut() throws Exception {
    Path inner = Files.createDirectories(dir.resolve("race"));
    Files.writeString(inner.resolve("secret"), "harmless");
    Path link = Files.createSymbolicLink(dir.resolve("link"), temp);
    Path aside = dir.resolve("aside");
    var stop = new AtomicBoolean();
    Thread attacker =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!stop.get()) {
                    try {
                      Files.move(inner, aside);
                      Files.move(link, inner);
                      Files.move(inner, link);
                      Files.move(aside, inner);
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  }
                });
    try {
      for (int i = 0; i < 3000; i++) {
        if (open(Type.Directory, dir, "race/secret") instanceof Opened(OpenFile file)) {
          try (file) {
            assertThat(Files.readString(file.path())).isEqualTo("harmless");
          }
        }
      }
    } finally {
      stop.set(true);
      attacker.join();
    }
  }

  @Test
  void saysWhatIsNotThere() {
    assertThat(refused(open(Type.Directory, dir, "nothing")).reason()).isEqualTo(Reason.NotFound);
    assertThat(refused(open(Type.Directory, temp.resolve("none"), "a")).message())
        .contains("there is no");
    assertThat(refused(open(Type.File, temp.resolve("none"), null)).reason())
        .isEqualTo(Reason.NotFound);
  }

  @Test
  void saysWhatHasTheWrongSort() throws Exception {
    assertThat(refused(open(Type.Directory, dir, "sub")).message()).contains("is a directory");
    assertThat(refused(open(Type.Directory, dir, null)).message()).contains("path must name");
    assertThat(refused(open(Type.File, dir.resolve("sub/disk.img"), "x")).message())
        .contains("left out");
    assertThat(refused(open(Type.BlockDevice, dir.resolve("sub/disk.img"), null)).message())
        .contains("is a regular file", "block device");
    Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("secret"));
    assertThat(refused(open(Type.File, link, null)).message()).contains("symbolic link");
    assertThat(refused(open(Type.File, Path.of("/dev/null"), null)).message()).contains("neither");
  }

  @Test
  void aFifoDoesNotHoldUpTheAgent() throws Exception {
    Path fifo = dir.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();

    assertThat(refused(open(Type.Directory, dir, "fifo")).message()).contains("neither");
  }

  @Test
  void aBlockDeviceIsKnownByItsNumberAndItsSize() throws IOException {
    Path device = Path.of("/dev/loop0");
    assumeTrue(Files.exists(device));
    Path link = Files.createSymbolicLink(temp.resolve("lv"), device);

    try (OpenFile file = opened(open(Type.BlockDevice, link, null))) {
      assertThat(file.facts().id().block()).isTrue();
      assertThat(file.facts().id().deviceNumber()).isEqualTo("7:0");
    }
  }

  private static OpenResult open(Type type, Path path, @Nullable String below) {
    return HostFiles.open(
        "res", new HostResourceSpec(type, path.toString(), null, null, null, null), below);
  }

  private static OpenFile opened(OpenResult result) {
    assertThat(result).isInstanceOf(Opened.class);
    return ((Opened) result).file();
  }

  private static Refused refused(OpenResult result) {
    assertThat(result).isInstanceOf(Refused.class);
    return (Refused) result;
  }
}
