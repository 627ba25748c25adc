package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.apiserver.ApiException.Cause;
import dev.lodge.agent.apiserver.ApiException.Reason;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.ObjectStore;
import dev.lodge.agent.store.StoreException;
import dev.lodge.agent.store.StoredObject;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Create, update, patch and delete. All methods block until it is durable. */
final class Writes {
  /** A patch without a version is tried again when somebody else writes meanwhile. */
  private static final int PATCH_TRIES = 8;

  private final ObjectStore store;
  private final Ports.ManifestCheck check;
  private final Clock clock;

  /** What came of a write. */
  record Written(int code, ObjectNode object, List<String> warnings) {}

  Writes(ObjectStore store, Ports.ManifestCheck check, Clock clock) {
    this.store = store;
    this.check = check;
    this.clock = clock;
  }

  Written create(StoreResource resource, String namespace, byte[] body, boolean dryRun) {
    Resource.Names names = resource.names();
    ManifestBody wish = ManifestBody.of(ApiJson.parseObject(body), names, namespace, null, null);
    String name = wish.manifest().path("metadata").path("name").asText();
    List<String> warnings = admit(names, name, wish.manifest(), null);
    try {
      if (!dryRun) {
        return new Written(201, store.create(wish.manifest()).tree(), warnings);
      }
      if (store.get(new ObjectKey(resource.kind(), namespace, name)).isPresent()) {
        throw new StoreException(StoreException.Reason.AlreadyExists, name);
      }
      store.tryOut(wish.manifest());
      ObjectNode would = wish.manifest();
      would
          .withObjectProperty("metadata")
          .put("uid", UUID.randomUUID().toString())
          .put("generation", 1)
          .put("creationTimestamp", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
      return new Written(201, would, warnings);
    } catch (StoreException e) {
      throw ApiException.of(e, names, name);
    }
  }

  Written update(StoreResource resource, ObjectKey key, byte[] body, boolean dryRun) {
    ObjectNode sent = ApiJson.parseObject(body);
    StoredObject now = read(resource, key);
    ManifestBody wish =
        ManifestBody.of(sent, resource.names(), key.namespace(), key.name(), now.tree());
    return replace(resource, now, wish, dryRun);
  }

  Written patch(
      StoreResource resource, ObjectKey key, String contentType, byte[] patch, boolean dryRun) {
    Patches.check(contentType);
    for (int i = 1; ; i++) {
      StoredObject now = read(resource, key);
      ObjectNode patched = Patches.apply(contentType, patch, now.tree());
      ManifestBody wish =
          ManifestBody.of(patched, resource.names(), key.namespace(), key.name(), now.tree());
      boolean versioned =
          wish.resourceVersion() != now.resourceVersion() && wish.resourceVersion() != 0;
      try {
        return replace(resource, now, wish, dryRun);
      } catch (ApiException e) {
        if (e.reason() != Reason.Conflict || versioned || i == PATCH_TRIES) {
          throw e;
        }
      }
    }
  }

  private Written replace(
      StoreResource resource, StoredObject now, ManifestBody wish, boolean dryRun) {
    ApiException.Subject subject = resource.names().subject(now.name());
    checkPreconditions(subject, now, wish.uid(), wish.resourceVersion());
    ObjectNode manifest = wish.manifest();
    boolean spec = !manifest.path("spec").equals(now.spec());
    boolean labels = !sameMetadata(manifest, now.tree());
    if (!spec && !labels) {
      return new Written(200, now.tree(), List.of());
    }
    List<String> warnings = admit(resource.names(), now.name(), manifest, now.tree());
    try {
      if (!now.ownFile()) {
        if (labels || !samePowerStateApart(manifest.path("spec"), now.spec())) {
          throw handMade(subject, now, "edit");
        }
        String powerState = manifest.path("spec").path("powerState").asText("PoweredOn");
        return new Written(
            200,
            dryRun
                ? preview(now, manifest, true)
                : store.overridePowerState(now.key(), powerState).tree(),
            warnings);
      }
      if (dryRun) {
        store.tryOut(manifest);
      }
      return new Written(
          200,
          dryRun
              ? preview(now, manifest, spec)
              : store.replace(manifest, wish.resourceVersion()).tree(),
          warnings);
    } catch (StoreException e) {
      throw ApiException.of(e, resource.names(), now.name());
    }
  }

  Written delete(StoreResource resource, ObjectKey key, byte[] body, boolean dryRunAsked) {
    ObjectNode options = body.length == 0 ? ApiJson.object() : ApiJson.parseObject(body);
    StoredObject now = read(resource, key);
    ApiException.Subject subject = resource.names().subject(key.name());
    JsonNode expected = options.path("preconditions");
    checkPreconditions(
        subject,
        now,
        expected.path("uid").isTextual() ? expected.path("uid").asText() : null,
        ManifestBody.version(expected.path("resourceVersion")));
    if (now.deleting()) {
      return new Written(200, now.tree(), List.of());
    }
    boolean dryRun = dryRunAsked || options.path("dryRun").path(0).asText().equals("All");
    try {
      return new Written(200, dryRun ? now.tree() : store.delete(key).tree(), List.of());
    } catch (StoreException e) {
      throw ApiException.of(e, resource.names(), now.name());
    }
  }

  private StoredObject read(StoreResource resource, ObjectKey key) {
    return store
        .get(key)
        .orElseThrow(() -> ApiException.notFound(resource.names().subject(key.name())));
  }

  private List<String> admit(
      Resource.Names names, String name, ObjectNode manifest, @Nullable ObjectNode before) {
    Ports.Verdict verdict = check.check(manifest, before);
    if (!verdict.mistakes().isEmpty()) {
      throw ApiException.invalid(
          names.group(),
          names.kind(),
          name,
          verdict.mistakes().stream()
              .map(m -> new Cause("FieldValueInvalid", m.field(), m.message()))
              .toList());
    }
    return verdict.warnings();
  }

  private static void checkPreconditions(
      ApiException.Subject subject, StoredObject now, @Nullable String uid, long version) {
    if (uid != null && !uid.equals(now.uid())) {
      throw new ApiException(
          Reason.Conflict,
          "Operation cannot be fulfilled on %s: Precondition failed: UID in precondition: %s, UID in object meta: %s"
              .formatted(subject.qualified(), uid, now.uid()),
          subject,
          List.of());
    }
    if (version != 0 && version != now.resourceVersion()) {
      throw ApiException.conflict(subject);
    }
  }

  private static ApiException handMade(
      ApiException.Subject subject, StoredObject now, String mend) {
    return new ApiException(
        Reason.Forbidden,
        "%s is forbidden: its manifest was made by hand and Lodge never rewrites it; %s %s"
            .formatted(subject.qualified(), mend, now.file() == null ? "its file" : now.file()),
        subject,
        List.of());
  }

  private static boolean sameMetadata(ObjectNode a, ObjectNode b) {
    for (String map : List.of("labels", "annotations")) {
      if (!ManifestBody.wish(a.path("metadata"), map)
          .equals(ManifestBody.wish(b.path("metadata"), map))) {
        return false;
      }
    }
    return true;
  }

  private static boolean samePowerStateApart(JsonNode a, JsonNode b) {
    if (a instanceof ObjectNode x && b instanceof ObjectNode y) {
      return x.deepCopy().without("powerState").equals(y.deepCopy().without("powerState"));
    }
    return false;
  }

  /** What a dry run answers: the object as it would be. */
  private static ObjectNode preview(StoredObject now, ObjectNode manifest, boolean specChanged) {
    ObjectNode would = now.tree().deepCopy();
    would.set("spec", manifest.path("spec"));
    ObjectNode metadata = would.withObjectProperty("metadata");
    for (String map : List.of("labels", "annotations")) {
      ObjectNode wish =
          manifest.path("metadata").path(map).deepCopy() instanceof ObjectNode o
              ? o
              : ApiJson.object();
      JsonNode file = metadata.path(map).path(ManifestBody.FILE_ANNOTATION);
      if (file.isTextual()) {
        wish.set(ManifestBody.FILE_ANNOTATION, file);
      }
      if (wish.isEmpty()) {
        metadata.remove(map);
      } else {
        metadata.set(map, wish);
      }
    }
    if (specChanged) {
      metadata.put("generation", now.generation() + 1);
    }
    return would;
  }
}
