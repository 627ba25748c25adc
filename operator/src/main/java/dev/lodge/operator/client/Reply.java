package dev.lodge.operator.client;

import com.fasterxml.jackson.databind.JsonNode;

/** What came of a request. */
public sealed interface Reply {

  /** Done; the object as the API server has it now. */
  record Done(JsonNode object) implements Reply {}

  /** Not done: the object changed since it was read. */
  record Conflict(String message) implements Reply {}

  /** Not done: an object of this name is there already. */
  record Exists() implements Reply {}

  /** Not done: there is no such object. */
  record NotFound() implements Reply {}

  /**
   * Not done: refused by schema, quota, policy or rights.
   *
   * @param message the API server's own words
   */
  record Refused(int code, String message) implements Reply {}

  /** Nobody knows whether it was done: read before the next decision. */
  record Unknown(String message) implements Reply {}
}
