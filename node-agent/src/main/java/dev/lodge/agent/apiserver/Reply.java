package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A whole answer.
 *
 * @param headers beyond Content-Type and Content-Length
 * @param warnings for people, in Kubernetes' Warning headers
 */
record Reply(
    int code, String contentType, byte[] body, Map<String, String> headers, List<String> warnings) {
  static final String JSON = "application/json";

  static Reply json(int code, JsonNode body) {
    return new Reply(code, JSON, ApiJson.bytes(body), Map.of(), List.of());
  }

  static Reply text(int code, String contentType, String text) {
    return new Reply(code, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of(), List.of());
  }

  static Reply failure(ApiException e) {
    Reply reply = json(e.reason().code(), Status.of(e));
    return switch (e.reason()) {
      case TooManyRequests -> reply.with("Retry-After", "1");
      case Unauthorized -> reply.with("WWW-Authenticate", "Bearer realm=\"lodge\"");
      default -> reply;
    };
  }

  Reply with(String header, String value) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(header, value);
    return new Reply(code, contentType, body, all, warnings);
  }

  Reply as(String otherContentType) {
    return new Reply(code, otherContentType, body, headers, warnings);
  }

  Reply warn(List<String> texts) {
    return new Reply(code, contentType, body, headers, texts);
  }
}
