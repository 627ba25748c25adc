package dev.lodge.agent.kube;

import static dev.lodge.agent.kube.RealApi.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoreEvent;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an API server can say that a real one cannot be made to say. */
class ReflectorTest {
  private final Queue<String> lists = new ConcurrentLinkedQueue<>();
  private final Queue<List<String>> watches = new ConcurrentLinkedQueue<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final Queue<String> broken = new ConcurrentLinkedQueue<>();
  private HttpServer server;
  private KubeApi api;
  private Reflector reflector;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    api =
        new KubeApi(
            new ConfigBuilder()
                .withAutoConfigure(false)
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withHttp2Disable(true)
                .build(),
            Duration.ofSeconds(5));
    reflector =
        new Reflector(
            api,
            ResourceKind.VirtualMachine,
            "status.nodeName=n1",
            new Reflector.Sink() {
              @Override
              public void listed(Map<ObjectKey, StoredObject> all) {
                if (broken.poll() != null) {
                  throw new IllegalStateException("a fault of ours");
                }
                seen.add(
                    "list " + all.values().stream().map(StoredObject::resourceVersion).toList());
              }

              @Override
              public void changed(StoreEvent.Type type, StoredObject object) {
                seen.add(type + " " + object.resourceVersion());
              }
            },
            new Reflector.Times(
                Duration.ofMillis(400),
                Duration.ofSeconds(5),
                Duration.ofMillis(10),
                Duration.ofMillis(50)));
  }

  @AfterEach
  void stop() {
    reflector.close();
    api.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getQuery();
    boolean watch = query.contains("watch=1");
    asked.add(
        (watch ? "watch " : "list ") + query.replaceAll(".*resourceVersion=(\\d+).*", "from $1"));
    if (!watch) {
      String next = lists.size() > 1 ? lists.poll() : lists.peek();
      byte[] body = next.getBytes(UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
      return;
    }
    List<String> lines = watches.poll();
    exchange.sendResponseHeaders(200, 0);
    for (String line : lines == null ? List.<String>of() : lines) {
      exchange.getResponseBody().write((line + "\n").getBytes(UTF_8));
    }
    exchange.getResponseBody().flush();
    // Never closed: a line that went dead.
  }

  private static String list(long version, long... objects) {
    StringBuilder items = new StringBuilder();
    for (long o : objects) {
      items.append(items.isEmpty() ? "" : ",").append(object(o));
    }
    return "{\"metadata\":{\"resourceVersion\":\"%d\"},\"items\":[%s]}".formatted(version, items);
  }

  private static String object(long version) {
    return "{\"metadata\":{\"name\":\"a\",\"namespace\":\"d\",\"uid\":\"u\",\"resourceVersion\":\"%d\"}}"
        .formatted(version);
  }

  private static String event(String type, long version) {
    return "{\"type\":\"%s\",\"object\":%s}".formatted(type, object(version));
  }

  @Test
  void a_dead_line_is_given_up_and_the_watch_goes_on_from_the_last_bookmark() throws Exception {
    lists.add(list(5, 5));
    watches.add(List.of(event("MODIFIED", 7), event("BOOKMARK", 20)));

    reflector.start();

    await(() -> asked.contains("watch from 20"));
    assertThat(asked.subList(0, 2))
        .startsWith("list fieldSelector=status.nodeName=n1&limit=500", "watch from 5");
    assertThat(seen).containsExactly("list [5]", "MODIFIED 7");
  }

  @Test
  void a_version_that_is_forgotten_makes_a_new_list() throws Exception {
    lists.add(list(5, 5));
    lists.add(list(40, 30));
    watches.add(List.of("{\"type\":\"ERROR\",\"object\":{\"code\":410,\"message\":\"too old\"}}"));

    reflector.start();

    await(() -> asked.contains("watch from 40"));
    assertThat(seen).containsExactly("list [5]", "list [30]");
  }

  @Test
  void a_list_that_goes_back_in_time_is_not_taken() throws Exception {
    lists.add(list(50, 50));
    lists.add(list(10, 10));
    lists.add(list(10, 10));
    lists.add(list(60, 60));
    watches.add(List.of("{\"type\":\"ERROR\",\"object\":{\"code\":410,\"message\":\"too old\"}}"));

    reflector.start();

    await(() -> asked.contains("watch from 60"));
    assertThat(seen).containsExactly("list [50]", "list [60]");
  }

  @Test
  void a_fault_in_taking_a_list_makes_nobody_deaf() throws Exception {
    lists.add(list(5, 5));
    broken.add("once");

    reflector.start();

    await(() -> asked.contains("watch from 5"));
    assertThat(seen).containsExactly("list [5]");
  }
}
