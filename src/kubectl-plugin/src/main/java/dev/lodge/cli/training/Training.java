package dev.lodge.cli.training;

import dev.lodge.cli.Context;
import dev.lodge.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Does what users do most, so that the JVM sees which classes that takes. A small server stands in
 * for the agent, because the cache is made where none runs.
 */
public final class Training {
  private static final String MANIFEST =
      """
      apiVersion: lodge.dev/v1alpha1
      kind: VirtualMachine
      metadata: {name: a, labels: {app: web}}
      spec:
        cpu: {count: 1}
        memory: {size: 128Mi}
        disks:
        - {name: root, size: 1Gi, source: {blank: {}}}
      """;

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("--version"),
          List.of("--help"),
          List.of("get"),
          List.of("get", "vm", "-A", "-o", "wide"),
          List.of("get", "vm", "a"),
          List.of("get", "vm", "a", "-o", "yaml"),
          List.of("get", "vm", "-o", "json"),
          List.of("get", "vm", "-o", "name"),
          List.of("get", "vm", "none"),
          List.of("get", "--unknown"),
          List.of("describe", "a"),
          List.of("validate", "-f", "-"),
          List.of("apply", "-f", "-"),
          List.of("diff", "-f", "-"),
          List.of("start", "a"),
          List.of("stop", "a", "--wait"),
          List.of("console", "a", "--timeout", "1s"),
          List.of("logs", "a"),
          List.of("version"));

  private Training() {}

  /** Runs every command once; what they print is of no interest. */
  public static void main(String[] words) throws IOException {
    Path directory = Files.createTempDirectory("lodge-training");
    Path socket = directory.resolve("agent.sock");
    try (var server = new CannedServer(socket)) {
      for (List<String> command : COMMANDS) {
        var nowhere =
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        InputStream in = new ByteArrayInputStream(MANIFEST.getBytes(StandardCharsets.UTF_8));
        var context =
            new Context(in, nowhere, nowhere, Map.of("LODGE_SOCKET", socket.toString()), "");
        Main.run(context, command.toArray(String[]::new));
      }
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
  }
}
