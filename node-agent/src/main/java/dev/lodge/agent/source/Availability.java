package dev.lodge.agent.source;

/** Whether what the directory shows may be believed. Missing is not empty. */
sealed interface Availability {
  /** It is there. */
  record Available() implements Availability {}

  /** It is not there, or cannot be read; all stays as it was. */
  record Missing(String why) implements Availability {}

  /** Another, empty one stands in its place, as after an unmount; all stays as it was. */
  record Replaced(String why) implements Availability {}

  /** Whether its files count. */
  default boolean counts() {
    return this instanceof Available;
  }
}
