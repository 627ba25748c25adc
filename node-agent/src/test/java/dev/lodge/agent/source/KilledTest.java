package dev.lodge.agent.source;

import static dev.lodge.agent.source.StoreFixture.vm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed in the middle of its writes leaves whole files, and all that it said it
 * did.
 */
class KilledTest {
  private static final int VMS = 6;

  @TempDir Path base;

  /** What the killed process said, the last word on each VM. */
  private record Said(String uid, String what, long number) {}

  @Test
  void whatWasAnsweredIsThereAfterAKill() throws Exception {
    Random random = new Random(7);
    Map<String, Said> said = new HashMap<>();
    long version = 0;
    for (int round = 0; round < 6; round++) {
      Process child = start();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
        int lines = 20 + random.nextInt(300);
        for (int i = 0; i < lines; i++) {
          version = Math.max(version, take(said, out.readLine()));
        }
        // Not Process.destroyForcibly, which also closes what was said already.
        child.toHandle().destroyForcibly();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          if (line.endsWith(";")) {
            version = Math.max(version, take(said, line));
          }
        }
      }
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      check(said, version);
    }
    assertThat(said).hasSize(VMS);
  }

  private void check(Map<String, Said> said, long version) throws IOException {
    try (StoreFixture f = new StoreFixture(base)) {
      f.open();
      assertThat(f.store().problems()).isEmpty();
      assertThat(f.store().list(ResourceKind.VirtualMachine).version())
          .isGreaterThanOrEqualTo(version);
      said.forEach(
          (name, s) -> {
            // One more step than was said may have been done.
            StoredObject o = f.store().get(vm(name)).orElse(null);
            switch (s.what()) {
              case "status" -> {
                assertThat(o).isNotNull();
                assertThat(o.uid()).isEqualTo(s.uid());
                assertThat(o.status().path("n").asLong()).isBetween(s.number(), s.number() + 1);
              }
              case "created" -> {
                assertThat(o).isNotNull();
                assertThat(o.uid()).isEqualTo(s.uid());
              }
              case "deleted" -> {
                if (o != null) {
                  assertThat(o.deleting()).isTrue();
                  assertThat(o.uid()).isEqualTo(s.uid());
                }
              }
              case "finished" -> {
                if (o != null) {
                  assertThat(o.uid()).isNotEqualTo(s.uid());
                }
              }
              default -> throw new AssertionError(s);
            }
          });
      try (Stream<Path> all = Files.walk(base)) {
        assertThat(all.map(p -> p.getFileName().toString()))
            .noneMatch(n -> n.startsWith(".lodge-tmp-"));
      }
    }
  }

  private static long take(Map<String, Said> said, String line) {
    assertThat(line).as("the child is alive").isNotNull();
    String[] w = line.substring(0, line.length() - 1).split(" ");
    said.put(w[0], new Said(w[1], w[2], Long.parseLong(w[3])));
    return Long.parseLong(w[4]);
  }

  private Process start() throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                base.toString()))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** The process that is killed: each VM is made, gets states, and goes, over and over. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      StoreFixture f = new StoreFixture(Path.of(args[0]));
      DirectoryStore store = f.open();
      for (int v = 0; v < VMS; v++) {
        String name = "vm" + v;
        Thread.ofPlatform().start(() -> live(store, name));
      }
    }

    private static void live(DirectoryStore store, String name) {
      for (int life = 0; ; life++) {
        StoredObject o = store.get(vm(name)).orElse(null);
        if (o == null) {
          o = store.create(StoreFixture.vmTree(name, 1 + life % 8));
          say(o, "created", 0, o.resourceVersion());
        }
        for (int i = 0; i < 10 && !o.deleting(); i++) {
          long n = o.status().path("n").asLong() + 1;
          ObjectNode status = StoreFixture.tree("{}").put("n", n).put("pad", "x".repeat(5000));
          StatusWrite w = store.writeStatus(o.key(), o.uid(), o.resourceVersion(), status);
          o = ((StatusWrite.Applied) w).object();
          say(o, "status", n, o.resourceVersion());
        }
        o = store.delete(o.key());
        say(o, "deleted", 0, o.resourceVersion());
        store.finish(o.key(), o.uid());
        say(o, "finished", 0, o.resourceVersion());
      }
    }

    private static void say(StoredObject o, String what, long n, long version) {
      PrintStream out = System.out;
      synchronized (out) {
        out.println(o.name() + " " + o.uid() + " " + what + " " + n + " " + version + ";");
      }
    }
  }
}
