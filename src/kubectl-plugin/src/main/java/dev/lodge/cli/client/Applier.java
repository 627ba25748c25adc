package dev.lodge.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes objects be what manifests say: creates them, replaces them, or leaves them. */
public final class Applier {
  /** Somebody else may write between our look and our write; then look again. */
  private static final int TRIES = 5;

  private final Api api;
  private final boolean dryRun;

  /**
   * @param dryRun the server checks, but writes nothing
   */
  public Applier(Api api, boolean dryRun) {
    this.api = api;
    this.dryRun = dryRun;
  }

  /**
   * What was done.
   *
   * @param word created, configured or unchanged, as kubectl says it
   * @param before the object as it was; null if there was none
   */
  public record Outcome(String word, @Nullable JsonNode before) {}

  /**
   * Applies one object; labels, annotations and spec become exactly the wanted ones.
   *
   * @throws ApiFailure refused
   */
  public Outcome apply(Target target, ObjectNode wanted) {
    for (int left = TRIES; ; left--) {
      Optional<JsonNode> present = api.find(target.path());
      try {
        return present.isEmpty() ? create(target, wanted) : replace(target, wanted, present.get());
      } catch (ApiFailure e) {
        if (e.status() != 409 || left == 1) {
          throw e;
        }
      }
    }
  }

  private Outcome create(Target target, ObjectNode wanted) {
    api.create(query(Paths.objects(target.kind(), target.namespace())), wanted);
    return new Outcome("created", null);
  }

  private Outcome replace(Target target, ObjectNode wanted, JsonNode now) {
    if (now.path("metadata").has("deletionTimestamp")) {
      throw new Failure(
          ExitCode.REFUSED, target + " is being deleted; apply again once it is gone");
    }
    if (same(now, wanted)) {
      return new Outcome("unchanged", now);
    }
    ObjectNode body = wanted.deepCopy();
    body.withObjectProperty("metadata").put("resourceVersion", version(now));
    JsonNode after = api.put(query(target.path()), body);
    // A dry run writes no version; what it would write is in its answer.
    boolean unchanged = dryRun ? same(now, after) : version(after).equals(version(now));
    return new Outcome(unchanged ? "unchanged" : "configured", now);
  }

  private String query(String path) {
    return dryRun ? path + "?dryRun=All" : path;
  }

  private static boolean same(JsonNode now, JsonNode wanted) {
    return now.path("spec").equals(wanted.path("spec"))
        && sameMap(now, wanted, "labels")
        && sameMap(now, wanted, "annotations");
  }

  private static boolean sameMap(JsonNode now, JsonNode wanted, String member) {
    return UserMetadata.of(now, member).equals(UserMetadata.of(wanted, member));
  }

  private static String version(JsonNode object) {
    return object.path("metadata").path("resourceVersion").asText();
  }
}
