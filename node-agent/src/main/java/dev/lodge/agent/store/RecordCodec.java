package dev.lodge.agent.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.store.ObjectRecord.PowerOverride;
import dev.lodge.api.ResourceKind;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A record as the bytes of its file: JSON on one line, with a checksum of the record in it, so that
 * a torn or changed file is noticed and never half believed.
 */
final class RecordCodec {
  private static final ObjectMapper JSON = LodgeJson.mapper();

  /** A newer Lodge that writes what this one would misread raises it. */
  private static final int FORMAT = 1;

  private static final String HEAD = "{\"crc32c\":\"";
  private static final String MIDDLE = "\",\"record\":";
  private static final String TAIL = "}\n";
  private static final int BODY = HEAD.length() + 8 + MIDDLE.length();

  private RecordCodec() {}

  static byte[] write(ObjectRecord r) {
    ObjectNode o = JSON.createObjectNode();
    o.put("format", FORMAT);
    o.put("kind", r.key().kind().name());
    o.put("namespace", r.key().namespace());
    o.put("name", r.key().name());
    o.put("uid", r.uid());
    o.put("resourceVersion", r.resourceVersion());
    o.put("generation", r.generation());
    o.put("created", r.created());
    putIfThere(o, "deleted", r.deleted());
    putIfThere(o, "file", r.file());
    o.put("ownFile", r.ownFile());
    if (r.power() != null) {
      ObjectNode p = o.putObject("power");
      p.put("powerState", r.power().powerState());
      putIfThere(p, "inFile", r.power().inFile());
    }
    o.set("content", r.content());
    if (r.status() != null) {
      o.set("status", r.status());
    }
    try {
      byte[] body = JSON.writeValueAsBytes(o);
      byte[] head =
          (HEAD + checksum(body, 0, body.length) + MIDDLE).getBytes(StandardCharsets.US_ASCII);
      byte[] tail = TAIL.getBytes(StandardCharsets.US_ASCII);
      byte[] all = Arrays.copyOf(head, head.length + body.length + tail.length);
      System.arraycopy(body, 0, all, head.length, body.length);
      System.arraycopy(tail, 0, all, head.length + body.length, tail.length);
      return all;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }

  /**
   * @throws IOException the bytes are not a whole record; the message says what is wrong with them
   */
  static ObjectRecord read(byte[] bytes) throws IOException {
    int end = bytes.length - TAIL.length();
    if (end <= BODY
        || !new String(bytes, 0, HEAD.length(), StandardCharsets.US_ASCII).equals(HEAD)) {
      throw new IOException(bytes.length == 0 ? "it is empty" : "it is cut off");
    }
    String said = new String(bytes, HEAD.length(), 8, StandardCharsets.US_ASCII);
    if (!said.equals(checksum(bytes, BODY, end - BODY))) {
      throw new IOException("its checksum does not fit: it is cut off or was changed");
    }
    JsonNode o = JSON.readTree(bytes, BODY, end - BODY);
    if (o.path("format").asInt() != FORMAT) {
      throw new IOException("its format " + o.path("format") + " is of another version of Lodge");
    }
    try {
      return record(o);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static ObjectRecord record(JsonNode o) {
    JsonNode p = o.path("power");
    return new ObjectRecord(
        new ObjectKey(ResourceKind.valueOf(text(o, "kind")), text(o, "namespace"), text(o, "name")),
        text(o, "uid"),
        o.path("resourceVersion").asLong(),
        o.path("generation").asLong(),
        text(o, "created"),
        o.path("deleted").textValue(),
        o.path("file").textValue(),
        o.path("ownFile").asBoolean(),
        tree(o, "content"),
        p.isMissingNode()
            ? null
            : new PowerOverride(text(p, "powerState"), p.path("inFile").textValue()),
        o.has("status") ? tree(o, "status") : null);
  }

  private static String text(JsonNode o, String field) {
    String text = o.path(field).textValue();
    if (text == null) {
      throw new IllegalArgumentException("it has no " + field);
    }
    return text;
  }

  private static ObjectNode tree(JsonNode o, String field) {
    if (o.path(field) instanceof ObjectNode tree) {
      return tree;
    }
    throw new IllegalArgumentException("it has no " + field);
  }

  private static void putIfThere(ObjectNode o, String field, @Nullable String value) {
    if (value != null) {
      o.put(field, value);
    }
  }

  private static String checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return String.format("%08x", crc.getValue());
  }
}
