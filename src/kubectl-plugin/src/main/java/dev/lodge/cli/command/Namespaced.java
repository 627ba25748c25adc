package dev.lodge.cli.command;

import picocli.CommandLine.Option;

/** The option {@code -n}. */
final class Namespaced {
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      description = "Namespace of the objects; default: default.")
  private String namespace = "default";

  String namespace() {
    return namespace;
  }
}
