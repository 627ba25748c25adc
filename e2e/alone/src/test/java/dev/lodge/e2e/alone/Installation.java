package dev.lodge.e2e.alone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * An agent alone on a node of its own (testbed/node), driven as its user would: by {@code
 * bin/lodge} and by files. The node has a libvirtd of its own, so that domains of the host do not
 * matter, and it can lose power. Closing it deletes its VMs, then takes the node away.
 */
final class Installation implements AutoCloseable {
  static final Path CHECKOUT = Path.of("../..").toAbsolutePath().normalize();
  static final Path EXAMPLES = CHECKOUT.resolve("examples");
  static final Path GUESTS = Path.of("/var/lib/lodge-demo/guests");
  private static final String NODE = System.getenv("LODGE_TEST_NODE");
  private static final ObjectMapper JSON = new ObjectMapper();

  final Path manifests;
  final Path state;
  private final Path root;
  private final String node;
  private final Path socket;
  private final Path log;
  private final Map<String, String> environment;
  private Process agent;

  /** What a command did. */
  record Result(int code, String out, String err) {
    Result ok() {
      assertThat(code).as("%s%s", out, err).isZero();
      return this;
    }
  }

  private Installation(Path root, Map<String, String> environment) {
    this.root = root;
    this.environment = environment;
    this.node = root.getFileName().toString().replace("lodge-", "");
    this.manifests = root.resolve("manifests");
    this.state = root.resolve("state");
    this.socket = root.resolve("run/agent.sock");
    this.log = root.resolve("agent.log");
  }

  /** An agent that is ready; the test is skipped where there is no libvirt to test with. */
  static Installation start() throws IOException {
    return start(Map.of());
  }

  /** The same, with more in the environment of agent and commands. */
  static Installation start(Map<String, String> environment) throws IOException {
    assumeTrue(NODE != null, "no LODGE_TEST_NODE");
    assumeTrue(
        Files.exists(GUESTS.resolve("tinyrom.bin")),
        "no guests; testbed/guests/build.sh makes them");
    // libvirt's QEMU can enter /var/lib, but not a private home or temporary directory.
    Path root = Files.createTempDirectory(Path.of("/var/lib"), "lodge-test-");
    Files.setPosixFilePermissions(
        root, java.nio.file.attribute.PosixFilePermissions.fromString("rwx--x--x"));
    var made = new Installation(root, environment);
    Files.createDirectories(made.manifests);
    made.node("up");
    made.startAgent();
    return made;
  }

  void startAgent() throws IOException {
    agent =
        startInNode(
            CHECKOUT.resolve("bin/lodge").toString(),
            "agent",
            "--manifests",
            manifests.toString(),
            "--state",
            state.toString(),
            "--socket",
            socket.toString(),
            "--connect",
            "qemu:///system");
    await("the agent to answer", Duration.ofSeconds(60), () -> lodge("get", "vm").code() == 0);
  }

  /** A process on the node: it ends with it at the latest. */
  Process startInNode(String... command) throws IOException {
    var words = new ArrayList<>(List.of(NODE, "exec", node));
    words.addAll(List.of(command));
    var builder =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** kill -9: nothing is tidied up. */
  void killAgent() throws InterruptedException {
    agentProcess().ifPresent(ProcessHandle::destroyForcibly);
    assertThat(agent.waitFor(20, TimeUnit.SECONDS)).as("the agent is dead").isTrue();
  }

  /** SIGTERM. */
  void stopAgent() throws InterruptedException {
    agentProcess().ifPresent(ProcessHandle::destroy);
    assertThat(agent.waitFor(20, TimeUnit.SECONDS)).as("the agent ends at SIGTERM").isTrue();
  }

  private Optional<ProcessHandle> agentProcess() {
    return ProcessHandle.allProcesses()
        .filter(
            p -> {
              String line = commandLine(p.pid());
              return line.contains("dev.lodge.agent.Main") && line.contains(manifests.toString());
            })
        .findFirst();
  }

  /** Power loss: everything on the node dies at once; then it boots, and the agent starts. */
  void reboot() throws IOException, InterruptedException {
    node("reboot");
    agent.waitFor(20, TimeUnit.SECONDS);
    startAgent();
  }

  /** Kills the node's libvirtd; QEMUs run on. */
  void killLibvirtd() throws IOException {
    inside("kill -9 $(cat /run/libvirtd.pid) && rm -f /run/libvirtd.pid");
  }

  void startLibvirtd() throws IOException {
    inside("libvirtd -d");
  }

  /** Runs a line of shell on the node, which must succeed. */
  void inside(String script) throws IOException {
    node("exec", "sh", "-c", script);
  }

  /** What the agent answers to a GET on its socket: the status line and the body. */
  String get(String path) {
    try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(
          ByteBuffer.wrap(
              ("GET " + path + " HTTP/1.1\r\nHost: lodge\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII)));
      return new String(
          Channels.newInputStream(channel).readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command on the node to its good end. */
  void inNode(String... command) throws IOException {
    node("exec", command);
  }

  private void node(String verb, String... more) throws IOException {
    var command = new ArrayList<>(List.of(NODE, verb, node));
    command.addAll(List.of(more));
    Path out = root.resolve("node.log");
    Process p =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()))
            .start();
    try {
      assertThat(p.waitFor(120, TimeUnit.SECONDS)).as("node.sh %s ends", verb).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    assertThat(p.exitValue()).as("node.sh %s: %s", verb, Files.readString(out)).isZero();
  }

  Result lodge(String... arguments) {
    return lodgeWithInput("", arguments);
  }

  /** A command on the node itself, which has its own network and names. */
  Result lodgeInNode(String... arguments) {
    return run(List.of(NODE, "exec", node), "", arguments);
  }

  Result lodgeWithInput(String input, String... arguments) {
    return run(List.of(), input, arguments);
  }

  private Result run(List<String> before, String input, String... arguments) {
    try {
      var command = new ArrayList<>(before);
      command.add(CHECKOUT.resolve("bin/lodge").toString());
      command.addAll(List.of(arguments));
      Path out = Files.createTempFile(root, "out", "");
      Path err = Files.createTempFile(root, "err", "");
      var builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      builder.environment().put("LODGE_SOCKET", socket.toString());
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      Process p = builder.start();
      try (var stdin = p.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      if (!p.waitFor(120, TimeUnit.SECONDS)) {
        p.destroyForcibly();
        throw new AssertionError("lodge " + String.join(" ", arguments) + " does not end");
      }
      var result =
          new Result(
              p.exitValue(),
              Files.readString(out, StandardCharsets.ISO_8859_1),
              Files.readString(err, StandardCharsets.ISO_8859_1));
      Files.delete(out);
      Files.delete(err);
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Puts a manifest into place as an editor does: written beside, then renamed. */
  void put(String file, String content) throws IOException {
    Path temporary = manifests.resolve("." + file + ".tmp");
    Files.writeString(temporary, content);
    Files.move(temporary, manifests.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  JsonNode vm(String name) {
    Result r = lodge("get", "vm", name, "-o", "json");
    try {
      return r.code() == 0 ? JSON.readTree(r.out()) : JSON.missingNode();
    } catch (IOException e) {
      throw new UncheckedIOException(r.out(), e);
    }
  }

  String phase(String vm) {
    return vm(vm).path("status").path("phase").asText();
  }

  void awaitPhase(String vm, String phase) {
    await(vm + " to be " + phase, Duration.ofSeconds(90), () -> phase(vm).equals(phase));
  }

  void awaitLog(String vm, String device, String text) {
    awaitLog(vm, device, text, Duration.ofSeconds(150));
  }

  void awaitLog(String vm, String device, String text, Duration most) {
    await(
        vm + " to say " + text + " on " + device,
        most,
        () -> lodge("logs", vm, "--device", device).out().contains(text));
  }

  /** The process of the VM's QEMU; 0 if there is none. */
  long qemu(String vm) {
    return qemuOf(vm(vm).path("status").path("hardware").path("uuid").asText("-"));
  }

  /** The QEMU that has this UUID; 0 if there is none. */
  long qemuOf(String uuid) {
    return ProcessHandle.allProcesses()
        .filter(p -> p.info().command().orElse("").contains("qemu-system"))
        .filter(p -> commandLine(p.pid()).contains(uuid))
        .mapToLong(ProcessHandle::pid)
        .findFirst()
        .orElse(0);
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  String agentLog() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void await(String what, Duration most, Supplier<Boolean> condition) {
    Instant deadline = Instant.now().plus(most);
    while (!condition.get()) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError(
            "waited in vain for "
                + what
                + "\n"
                + lodge("get", "vm", "-o", "wide").out()
                + agentLog());
      }
      java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    try {
      if (!agent.isAlive()) {
        startAgent();
      }
      try (Stream<Path> files = Files.list(manifests)) {
        for (Path f : files.toList()) {
          Files.delete(f);
        }
      }
      await(
          "all VMs and networks to go",
          Duration.ofSeconds(120),
          () ->
              lodge("get", "vm", "-A", "-o", "name").out().isBlank()
                  && lodge("get", "vmnet", "-A", "-o", "name").out().isBlank());
      stopAgent();
    } finally {
      node("down");
      try (Stream<Path> tree = Files.walk(root)) {
        for (Path p : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(p);
        }
      }
    }
  }
}
