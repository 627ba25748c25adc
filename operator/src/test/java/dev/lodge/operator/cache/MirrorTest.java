package dev.lodge.operator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Indexer;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Own writes count at once, and what is gone stays gone, whatever comes first. */
class MirrorTest {
  private final Map<String, Pod> seen = new LinkedHashMap<>();
  private ResourceEventHandler<Pod> watch;
  private Instant now = Instant.EPOCH;
  private final Mirror<Pod> mirror =
      new Mirror<>(informer(), p -> List.of("all"), (_, _) -> {}, () -> now);

  @Test
  void an_own_write_counts_until_the_watch_has_as_much() {
    mirror.wrote(pod("u", "5"));
    assertThat(mirror.by("all")).extracting(MirrorTest::version).containsExactly("5");

    told(pod("u", "7"));

    assertThat(mirror.by("all")).extracting(MirrorTest::version).containsExactly("7");
  }

  @Test
  void an_answer_to_a_deletion_that_comes_after_the_watch_brings_nothing_back() {
    told(pod("u", "5"));
    gone(pod("u", "6"));

    mirror.wrote(pod("u", "6"));

    assertThat(mirror.by("all")).isEmpty();
    assertThat(mirror.get("ns", "slot")).isNull();
  }

  @Test
  void a_deletion_told_with_an_old_object_takes_the_own_write_too() {
    mirror.wrote(pod("u", "9"));

    gone(pod("u", "5"));

    assertThat(mirror.by("all")).isEmpty();
  }

  @Test
  void a_successor_of_the_same_name_is_there() {
    gone(pod("u", "6"));

    mirror.wrote(pod("v", "8"));

    assertThat(mirror.by("all")).extracting(MirrorTest::version).containsExactly("8");
  }

  @Test
  void what_no_watch_ever_confirms_is_forgotten() {
    mirror.wrote(pod("u", "5"));

    now = now.plusSeconds(60);

    assertThat(mirror.by("all")).isEmpty();
  }

  private void told(Pod pod) {
    seen.put("ns/slot", pod);
    watch.onAdd(pod);
  }

  private void gone(Pod pod) {
    seen.remove("ns/slot");
    watch.onDelete(pod, false);
  }

  private static String version(Pod pod) {
    return pod.getMetadata().getResourceVersion();
  }

  private static Pod pod(String uid, String version) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("ns")
        .withName("slot")
        .withUid(uid)
        .withResourceVersion(version)
        .endMetadata()
        .build();
  }

  @SuppressWarnings("unchecked")
  private SharedIndexInformer<Pod> informer() {
    Object indexer =
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Indexer.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "getByKey" -> seen.get(String.valueOf(arguments[0]));
                  case "byIndex", "list" -> List.copyOf(seen.values());
                  default -> throw new UnsupportedOperationException(method.getName());
                });
    return (SharedIndexInformer<Pod>)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {SharedIndexInformer.class},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "addEventHandler" -> {
                    watch = (ResourceEventHandler<Pod>) arguments[0];
                    yield self;
                  }
                  case "addIndexers", "exceptionHandler" -> self;
                  case "getStore", "getIndexer" -> indexer;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
