package dev.lodge.agent.hostfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lodge.agent.hostfile.OpenResult.Opened;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec.Type;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BindMountsTest {
  @TempDir Path temp;
  private Path source;
  private Path target;

  @BeforeEach
  void asRoot() throws IOException {
    assumeTrue(BindMounts.possible());
    source = temp.resolve("users.img");
    Files.writeString(source, "first");
    target = temp.resolve("bound");
  }

  @AfterEach
  void unbind() throws IOException {
    if (BindMounts.possible()) {
      BindMounts.unbind(target);
    }
  }

  @Test
  void theNameStaysWithTheFileThatWasChecked() throws IOException {
    try (OpenFile file = open()) {
      BindMounts.bind(file, target, false);
    }
    Files.delete(source);
    Files.writeString(source, "swapped");

    assertThat(Files.readString(target)).isEqualTo("first");
    Files.writeString(target, "written");
    assertThat(Files.readString(target)).isEqualTo("written");
  }

  @Test
  void aReadOnlyNameTakesNoWrite() throws IOException {
    try (OpenFile file = open()) {
      BindMounts.bind(file, target, true);
    }

    assertThatThrownBy(() -> Files.writeString(target, "x"))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Read-only");
  }

  @Test
  void aNameThatWasLeftWritableBecomesReadOnly() throws IOException {
    try (OpenFile file = open()) {
      BindMounts.bind(file, target, false);
      BindMounts.bind(file, target, true);
      assertThat(mountsOnTarget()).isEqualTo(1);
    }

    assertThatThrownBy(() -> Files.writeString(target, "x")).hasMessageContaining("Read-only");
  }

  @Test
  void bindingAgainIsNothingAndAnotherFileReplaces() throws IOException {
    try (OpenFile file = open()) {
      BindMounts.bind(file, target, false);
      BindMounts.bind(file, target, false);
      assertThat(mountsOnTarget()).isEqualTo(1);
    }
    Files.delete(source);
    Files.writeString(source, "second");
    try (OpenFile file = open()) {
      BindMounts.bind(file, target, false);
    }

    assertThat(Files.readString(target)).isEqualTo("second");
    assertThat(mountsOnTarget()).isEqualTo(1);
  }

  @Test
  void unbindingLeavesTheFileAlone() throws IOException {
    try (OpenFile file = open()) {
      BindMounts.bind(file, target, false);
    }

    BindMounts.unbind(target);
    BindMounts.unbind(target);

    assertThat(target).doesNotExist();
    assertThat(source).hasContent("first");
    assertThat(mountsOnTarget()).isZero();
  }

  private long mountsOnTarget() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.split(" ")[4].equals(target.toString()))
        .count();
  }

  private OpenFile open() {
    var spec = new HostResourceSpec(Type.File, source.toString(), null, null, null, null);
    return ((Opened) HostFiles.open("res", spec, null)).file();
  }
}
