package dev.lodge.manifest;

import java.util.List;

/** Fields of metadata that servers set, and clients send back with what they have read. */
public final class ServerFields {
  /** Their names. */
  public static final List<String> NAMES =
      List.of(
          "uid",
          "resourceVersion",
          "generation",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "managedFields",
          "selfLink");

  private ServerFields() {}
}
