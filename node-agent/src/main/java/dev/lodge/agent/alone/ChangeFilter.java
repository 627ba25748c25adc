package dev.lodge.agent.alone;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StoreEvent;
import java.util.HashMap;
import java.util.Map;

/** Tells a new wish from our own writes of state, so that those wake nobody. One thread only. */
final class ChangeFilter {
  private final Map<ObjectKey, Seen> seen = new HashMap<>();

  private record Seen(String uid, long generation, boolean deleting, JsonNode requests) {}

  /** Whether the event brings a wish that was not seen yet. */
  boolean isWish(StoreEvent event) {
    ObjectKey key = event.object().key();
    if (event.type() == StoreEvent.Type.DELETED) {
      seen.remove(key);
      return true;
    }
    var now =
        new Seen(
            event.object().uid(),
            event.object().generation(),
            event.object().deleting(),
            event.object().status().path("requests"));
    return !now.equals(seen.put(key, now));
  }
}
