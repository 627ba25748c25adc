package dev.lodge.operator.cache;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An informer's store that keeps of each object only what is read: of 10,000 VMs and their pods,
 * {@code managedFields} alone would be more than half.
 */
public class Trimmed<T extends HasMetadata> implements ItemStore<T> {
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private final Map<String, T> items = new ConcurrentHashMap<>();
  private final UnaryOperator<T> trim;

  /**
   * @param trim makes a smaller object; it may change the one given
   */
  public Trimmed(UnaryOperator<T> trim) {
    this.trim = trim;
  }

  /** Without what only tools of people need. */
  public static <T extends HasMetadata> T metadata(T object) {
    ObjectMeta m = object.getMetadata();
    m.setManagedFields(null);
    if (m.getAnnotations() != null) {
      m.getAnnotations().remove(LAST_APPLIED);
    }
    return object;
  }

  @Override
  public String getKey(T object) {
    return Keys.of(object.getMetadata());
  }

  @Override
  public @Nullable T put(String key, T object) {
    return items.put(key, trim.apply(object));
  }

  @Override
  public @Nullable T remove(String key) {
    return items.remove(key);
  }

  @Override
  public Stream<String> keySet() {
    return items.keySet().stream();
  }

  @Override
  public Stream<T> values() {
    return items.values().stream();
  }

  @Override
  public int size() {
    return items.size();
  }

  @Override
  public @Nullable T get(String key) {
    return items.get(key);
  }
}
