package dev.lodge.domain.machine;

/** What the guest's clock shows at start. */
public sealed interface ClockPlan {
  record Utc() implements ClockPlan {}

  record Localtime() implements ClockPlan {}

  /** A zone of the tz database, e.g. {@code Europe/Berlin}. */
  record Zone(String name) implements ClockPlan {}
}
