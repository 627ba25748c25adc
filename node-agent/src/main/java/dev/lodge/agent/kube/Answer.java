package dev.lodge.agent.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What came of one request to the API server. Requests are never repeated by themselves. */
public sealed interface Answer {

  /** It was done; the body is the object as it is now. */
  record Done(ObjectNode body) implements Answer {}

  /**
   * It was certainly not done.
   *
   * @param code of HTTP: 404, 409, 422, …
   * @param reason of the Status, e.g. {@code NotFound}; empty if the body is none
   * @param name of the object that the Status speaks of; empty if it names none
   */
  record Refused(int code, String reason, String name, String message) implements Answer {}

  /** No answer, or one after which it may have been done all the same. */
  record Unknown(String why) implements Answer {}
}
