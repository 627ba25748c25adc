package dev.lodge.agent.libvirt;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A simulated node with a libvirtd of its own, which a test may stop and kill. */
final class Node implements AutoCloseable {
  private final Path script;
  private final String name;
  private final String uri;

  private Node(Path script, String name, String uri) {
    this.script = script;
    this.name = name;
    this.uri = uri;
  }

  /** Brings a node up; about a second. */
  static Node up(String name) {
    Path script = script();
    return new Node(script, name, run(List.of(script.toString(), "up", name)).strip());
  }

  /** Its libvirtd, reached from outside. */
  LibvirtConfig config() {
    Path run = Path.of(uri.substring(uri.indexOf("socket=") + 7)).getParent().getParent();
    return LibvirtConfig.of(uri).directories(run, run.resolveSibling("log"));
  }

  /** Sends a signal to its libvirtd. */
  void signalDaemon(String signal) {
    inside("kill -%s $(cat /run/libvirtd.pid)".formatted(signal));
  }

  /** Ends its libvirtd and waits until it is gone. */
  void stopDaemon(String signal) {
    inside(
        """
        pid=$(cat /run/libvirtd.pid)
        kill -%s $pid
        while [ -e /proc/$pid ]; do sleep 0.02; done
        rm -f /run/libvirtd.pid
        """
            .formatted(signal));
  }

  /** Starts its libvirtd again. */
  void startDaemon() {
    inside("libvirtd -d");
  }

  /** Kills the process of that number as the node counts. */
  void kill(int pid) {
    inside("kill -9 " + pid);
  }

  @Override
  public void close() {
    run(List.of(script.toString(), "down", name));
  }

  private void inside(String commands) {
    run(List.of(script.toString(), "exec", name, "sh", "-c", commands));
  }

  private static String run(List<String> command) {
    try {
      Path out = Files.createTempFile("node", ".out");
      // A file, not a pipe: what is started stays, and would keep a pipe open.
      Process p =
          new ProcessBuilder(new ArrayList<>(command))
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      int code = p.waitFor();
      String said = Files.readString(out, StandardCharsets.UTF_8);
      Files.delete(out);
      if (code != 0) {
        throw new IllegalStateException(command + " failed: " + said);
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Path script() {
    Path dir = Path.of("").toAbsolutePath();
    while (dir != null && !Files.exists(dir.resolve("testbed/node/node.sh"))) {
      dir = dir.getParent();
    }
    assumeTrue(dir != null, "testbed/node/node.sh is not above the working directory");
    return dir.resolve("testbed/node/node.sh");
  }
}
