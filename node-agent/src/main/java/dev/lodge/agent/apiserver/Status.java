package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Status objects: how the API tells of failures, and of successes that have no object. */
final class Status {
  private Status() {}

  static ObjectNode of(ApiException e) {
    ObjectNode status = base("Failure", String.valueOf(e.getMessage()), e.reason().code());
    status.put("reason", e.reason().name());
    ApiException.Subject subject = e.subject();
    if (subject != null || !e.causes().isEmpty() || e.reason().code() == 429) {
      ObjectNode details = status.putObject("details");
      if (subject != null) {
        details.put("name", subject.name()).put("group", subject.group());
        details.put("kind", subject.kind());
      }
      if (!e.causes().isEmpty()) {
        ArrayNode causes = details.putArray("causes");
        for (ApiException.Cause c : e.causes()) {
          causes
              .addObject()
              .put("reason", c.reason())
              .put("message", c.message())
              .put("field", c.field());
        }
      }
      if (e.reason().code() == 429) {
        details.put("retryAfterSeconds", 1);
      }
    }
    return status;
  }

  static ObjectNode success(String message, int code) {
    return base("Success", message, code);
  }

  private static ObjectNode base(String outcome, String message, int code) {
    ObjectNode status = ApiJson.object();
    status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
    return status.put("status", outcome).put("message", message).put("code", code);
  }
}
