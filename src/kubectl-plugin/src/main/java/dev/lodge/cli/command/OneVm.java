package dev.lodge.cli.command;

import dev.lodge.api.ResourceKind;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Target;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The parameter of verbs for one VM: {@code VM}, {@code vm VM} or {@code vm/VM}. */
final class OneVm {
  @Parameters(
      arity = "1..2",
      paramLabel = "VM",
      hideParamSyntax = true,
      description = "Name of the VM.")
  private List<String> words = List.of();

  @Mixin private Namespaced namespaced = new Namespaced();

  Target target() {
    return of(words, namespaced.namespace());
  }

  static Target of(List<String> words, String namespace) {
    Targets targets = Targets.parse(words, namespace);
    if (targets.objects().size() != 1
        || targets.objects().getFirst().kind() != ResourceKind.VirtualMachine) {
      throw new Failure(ExitCode.USAGE, "name one VM");
    }
    return targets.objects().getFirst();
  }
}
