package dev.lodge.cli.command;

import picocli.CommandLine.Option;

/** The option {@code -n}. */
final class Namespaced {
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      defaultValue = "${env:LODGE_NAMESPACE:-default}",
      description = "Namespace of the objects; default: default, in a cluster the context's.")
  private String namespace = "default";

  String namespace() {
    return namespace;
  }
}
