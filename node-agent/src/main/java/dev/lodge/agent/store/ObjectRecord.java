package dev.lodge.agent.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the store keeps of an object, in memory and in a file of its own. Trees are never changed.
 *
 * @param created RFC 3339, as is {@code deleted}
 * @param deleted since when it is being deleted; null while it lives
 * @param file the name of the manifest that has it; null once that is gone
 * @param ownFile Lodge wrote that file
 * @param content the last good wish: {@code metadata} with labels and annotations, {@code spec}
 * @param power a start or stop that the file by hand does not say
 * @param status null until somebody wrote one
 */
public record ObjectRecord(
    ObjectKey key,
    String uid,
    long resourceVersion,
    long generation,
    String created,
    @Nullable String deleted,
    @Nullable String file,
    boolean ownFile,
    ObjectNode content,
    @Nullable PowerOverride power,
    @Nullable ObjectNode status) {

  /** The field that a start or stop changes. */
  public static final String POWER_STATE = "powerState";

  /** What an object without {@code spec.powerState} wants. */
  public static final String POWERED_ON = "PoweredOn";

  /**
   * A start or stop kept beside a file that Lodge does not write.
   *
   * @param powerState the wish
   * @param inFile what the file said at that time; when the file says something else, that counts
   */
  public record PowerOverride(String powerState, @Nullable String inFile) {}

  /** A new object, not yet stored. */
  public static ObjectRecord first(
      ObjectKey key, String uid, String now, String file, boolean ownFile, ObjectNode content) {
    return new ObjectRecord(key, uid, 0, 1, now, null, file, ownFile, content, null, null);
  }

  /** Whether it is being deleted. */
  public boolean deleting() {
    return deleted != null;
  }

  /** {@code spec} with the start or stop in it. */
  public JsonNode effectiveSpec() {
    JsonNode spec = content.path("spec");
    if (power == null || !(spec instanceof ObjectNode object)) {
      return spec;
    }
    ObjectNode shallow = object.objectNode();
    shallow.setAll(object);
    shallow.set(POWER_STATE, TextNode.valueOf(power.powerState()));
    return shallow;
  }

  /** What the manifest says of the power state; null if nothing. */
  public @Nullable String powerStateInFile() {
    return content.path("spec").path(POWER_STATE).textValue();
  }

  /**
   * The object as a manifest has it now. The generation rises if the spec is another; the start or
   * stop ends if the file is Lodge's own or its power state is another.
   */
  public ObjectRecord withManifest(String newFile, boolean own, ObjectNode newContent) {
    String said = newContent.path("spec").path(POWER_STATE).textValue();
    PowerOverride kept =
        power == null || own || !Objects.equals(said, power.inFile()) ? null : power;
    ObjectRecord next =
        new ObjectRecord(
            key,
            uid,
            resourceVersion,
            generation,
            created,
            deleted,
            newFile,
            own,
            newContent,
            kept,
            status);
    return next.generationAfter(this);
  }

  /** The object with a start or stop, or with none. */
  public ObjectRecord withPower(@Nullable PowerOverride newPower) {
    ObjectRecord next =
        new ObjectRecord(
            key,
            uid,
            resourceVersion,
            generation,
            created,
            deleted,
            file,
            ownFile,
            content,
            newPower,
            status);
    return next.generationAfter(this);
  }

  /** The object with another status. */
  public ObjectRecord withStatus(ObjectNode newStatus) {
    return new ObjectRecord(
        key,
        uid,
        resourceVersion,
        generation,
        created,
        deleted,
        file,
        ownFile,
        content,
        power,
        newStatus);
  }

  /** The object that is being deleted; no manifest has it any more. */
  public ObjectRecord withDeleted(String now) {
    return new ObjectRecord(
        key, uid, resourceVersion, generation, created, now, null, ownFile, content, power, status);
  }

  ObjectRecord withVersion(long version) {
    return new ObjectRecord(
        key, uid, version, generation, created, deleted, file, ownFile, content, power, status);
  }

  private ObjectRecord generationAfter(ObjectRecord before) {
    if (effectiveSpec().equals(before.effectiveSpec())) {
      return this;
    }
    return new ObjectRecord(
        key,
        uid,
        resourceVersion,
        before.generation + 1,
        created,
        deleted,
        file,
        ownFile,
        content,
        power,
        status);
  }
}
