package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.hypervisor.ConsoleInput;
import dev.lodge.domain.hypervisor.DhcpLease;
import dev.lodge.domain.hypervisor.HostCapabilities;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A server over an in-memory store, with ports that record what they were asked. */
final class ApiHarness implements AutoCloseable {
  final InMemoryObjectStore store = new InMemoryObjectStore();
  final EventLog events = new EventLog(Clock.systemUTC());
  final List<String> verbs = new CopyOnWriteArrayList<>();
  final FakeConsoles consoles;
  final Path dir;
  final Path socket;
  volatile Optional<String> missing = Optional.empty();
  volatile Verbs.Result verbResult = new Verbs.Result.Done("done");
  final ApiServer server;

  ApiHarness(Path dir) throws IOException {
    this(dir, ApiServerConfig.Limits.DEFAULT, Optional.empty());
  }

  ApiHarness(Path dir, ApiServerConfig.Limits limits, Optional<InetSocketAddress> listen)
      throws IOException {
    this.dir = dir;
    this.socket = dir.resolve("agent.sock");
    this.consoles = new FakeConsoles(dir.resolve("console.log"));
    Ports ports =
        new Ports(
            new StrictManifests(),
            (vm, verb, force, user) -> {
              if (store.get(vm).isEmpty()) {
                return CompletableFuture.failedFuture(
                    new ApiException(ApiException.Reason.NotFound, vm + " not found"));
              }
              verbs.add(verb.word() + " " + vm.name() + " " + force + " " + user);
              return CompletableFuture.completedFuture(verbResult);
            },
            vm ->
                new Ports.Rendered(
                    true, "<domain type='qemu'><name>" + vm.name() + "</name></domain>"),
            consoles,
            net ->
                List.of(
                    new DhcpLease(
                        "52:54:00:00:00:01",
                        "10.0.0.5",
                        "node1",
                        Instant.parse("2026-01-02T03:04:05Z"))),
            () ->
                new HostCapabilities(
                    "host",
                    "uuid",
                    1024,
                    2,
                    "9.0.0",
                    "7.2.0",
                    new HostCapabilities.Kvm(false, false, "no /dev/kvm"),
                    List.of()),
            () -> missing);
    server =
        ApiServer.start(
            new ApiServerConfig(
                socket, Optional.empty(), listen, dir.resolve("state"), "0.1.0-test", limits),
            store,
            events,
            ports,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  RawHttp connect() throws IOException {
    return RawHttp.unix(socket);
  }

  /** One request on a connection of its own. */
  RawHttp.Answer call(String method, String target, String body, String... headers)
      throws IOException {
    try (RawHttp http = connect()) {
      return http.call(method, target, body, headers);
    }
  }

  RawHttp.Answer get(String target, String... headers) throws IOException {
    return call("GET", target, "", headers);
  }

  /** From now on what is deleted is gone at once, as a VM that was off. */
  void autoFinish() {
    store.watch(
        ResourceKind.VirtualMachine,
        store.list(ResourceKind.VirtualMachine).version(),
        e -> {
          if (e.object().deleting() && e.type() == StoreEvent.Type.MODIFIED) {
            CompletableFuture.runAsync(() -> store.finish(e.object().key(), e.object().uid()));
          }
        });
  }

  static final String VMS = "/apis/lodge.dev/v1alpha1/namespaces/default/virtualmachines";
  static final String VERBS =
      "/apis/subresources.lodge.dev/v1alpha1/namespaces/default/virtualmachines";

  /** The smallest VM, as text. */
  static String vm(String name) {
    return """
        {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
         "metadata":{"name":"%s","namespace":"default","labels":{"app":"web"}},
         "spec":{"powerState":"PoweredOff","cpu":{"count":2},"memory":{"size":"1Gi"}}}"""
        .formatted(name);
  }

  static ObjectNode vmTree(String name) {
    return ApiJson.parseObject(vm(name).getBytes(StandardCharsets.UTF_8));
  }

  static ObjectKey vmKey(String name) {
    return new ObjectKey(ResourceKind.VirtualMachine, "default", name);
  }

  @Override
  public void close() {
    server.close();
  }

  /** Consoles that are a file and a list of what was typed. */
  static final class FakeConsoles implements Consoles {
    final Path log;
    final List<String> typed = new ArrayList<>();
    volatile @Nullable ApiException refusal;
    volatile CompletableFuture<Void> ended = new CompletableFuture<>();

    FakeConsoles(Path log) {
      this.log = log;
    }

    @Override
    public Console of(ObjectKey vm, @Nullable String device) {
      if (device != null && !device.equals("serial")) {
        throw new ApiException(
            ApiException.Reason.BadRequest,
            "the VM has no console '" + device + "'; it has: serial");
      }
      return new Console() {
        @Override
        public Path log() {
          return log;
        }

        @Override
        public Path previousLog() {
          return log.resolveSibling("previous").resolve(log.getFileName());
        }

        @Override
        public ConsoleInput open() {
          if (refusal != null) {
            throw refusal;
          }
          // As with QEMU's sockets: a new session ends the one before it.
          CompletableFuture<Void> before = ended;
          CompletableFuture<Void> mine = new CompletableFuture<>();
          ended = mine;
          before.complete(null);
          return new ConsoleInput() {
            @Override
            public void send(byte[] bytes) {
              synchronized (typed) {
                typed.add(new String(bytes, StandardCharsets.ISO_8859_1));
              }
            }

            @Override
            public CompletionStage<Void> ended() {
              return mine;
            }

            @Override
            public void close() {
              synchronized (typed) {
                typed.add("<closed>");
              }
            }
          };
        }
      };
    }

    String typed() {
      synchronized (typed) {
        return String.join("", typed);
      }
    }
  }
}
