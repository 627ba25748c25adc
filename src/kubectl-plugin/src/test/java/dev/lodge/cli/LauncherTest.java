package dev.lodge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** bin/lodge, with programs in the place of Java that say which they are. */
class LauncherTest {
  private static final int NOBODY = 65534;

  @TempDir private Path directory;
  private Path launcher;
  private Path home;
  private Path good;
  private Path other;

  @BeforeEach
  void a_build_and_two_javas() throws IOException {
    launcher = Files.createDirectories(directory.resolve("lodge/bin")).resolve("lodge");
    Files.copy(Path.of("../../bin/lodge"), launcher);
    Path target = Files.createDirectories(directory.resolve("lodge/src/kubectl-plugin/target/lib"));
    Files.createFile(target.resolve("a.jar"));
    Files.createFile(target.resolveSibling("lodge-cli.jar"));
    good = java("good");
    other = java("other");
    home = Files.createDirectory(directory.resolve("home"));
  }

  @Test
  void what_the_cache_of_ones_own_names_is_run() throws Exception {
    Path cache = Files.createDirectories(home.resolve(".cache/lodge"));
    Files.writeString(cache.resolve("java-home"), other + "\n");

    assertThat(run(Map.of("HOME", home.toString()))).contains("other runs");
  }

  @Test
  void a_first_use_makes_the_cache_and_remembers_java() throws Exception {
    assertThat(run(Map.of("HOME", home.toString(), "PATH", good + "/bin:/usr/bin:/bin")))
        .contains("good runs");

    assertThat(home.resolve(".cache/lodge/java-home")).hasContent(good.toString());
  }

  @Test
  void a_home_of_somebody_else_names_nothing_that_is_run() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")));
    // Given a user whose cache leads into a directory of root's that everybody can write
    Path everybody = Files.createDirectory(directory.resolve("everybody"));
    Files.writeString(everybody.resolve("java-home"), other + "\n");
    Files.createDirectory(home.resolve(".cache"));
    Files.createSymbolicLink(home.resolve(".cache/lodge"), everybody);
    Files.setAttribute(home.resolve(".cache"), "unix:uid", NOBODY);
    Files.setAttribute(home, "unix:uid", NOBODY);

    // When root uses lodge with that user's home, as `sudo -E` has it
    String said = run(Map.of("HOME", home.toString(), "PATH", good + "/bin:/usr/bin:/bin"));

    assertThat(said).contains("good runs").doesNotContain("other");
  }

  private Path java(String name) throws IOException {
    Path java = Files.createDirectories(directory.resolve(name + "/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho " + name + " runs\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(directory.resolve(name + "/release"), "JAVA_VERSION=\"25.0.1\"\n");
    return directory.resolve(name);
  }

  private String run(Map<String, String> environment) throws Exception {
    ProcessBuilder lodge = new ProcessBuilder("/bin/sh", launcher.toString(), "version");
    lodge.environment().clear();
    lodge.environment().put("PATH", "/usr/bin:/bin");
    lodge.environment().put("LODGE_AOT", "off");
    lodge.environment().putAll(environment);
    Process process = lodge.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
