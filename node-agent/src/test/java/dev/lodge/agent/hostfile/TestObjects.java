package dev.lodge.agent.hostfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.LodgeJson;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Objects to refer to; the spec is written as JSON with single quotes. */
public final class TestObjects implements Objects {
  private final Map<ObjectKey, StoredObject> objects = new LinkedHashMap<>();

  public StoredObject image(String name, String spec) {
    return put(ResourceKind.VmImage, "default", name, 1, spec);
  }

  public StoredObject image(String namespace, String name, String spec) {
    return put(ResourceKind.VmImage, namespace, name, 1, spec);
  }

  public StoredObject resource(String name, String spec) {
    return put(ResourceKind.HostResource, "", name, 1, spec);
  }

  public StoredObject put(
      ResourceKind kind, String namespace, String name, long generation, String spec) {
    ObjectNode tree = LodgeJson.mapper().createObjectNode();
    tree.set("spec", json(spec));
    var object =
        new StoredObject(
            kind,
            namespace,
            name,
            "uid-" + name,
            objects.size() + 1L,
            generation,
            false,
            null,
            true,
            tree);
    objects.put(object.key(), object);
    return object;
  }

  public void remove(StoredObject object) {
    objects.remove(object.key());
  }

  @Override
  public Optional<StoredObject> get(ObjectKey key) {
    return Optional.ofNullable(objects.get(key));
  }

  /** Reads JSON with single quotes. */
  public static ObjectNode json(String text) {
    try {
      return (ObjectNode) LodgeJson.mapper().readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
