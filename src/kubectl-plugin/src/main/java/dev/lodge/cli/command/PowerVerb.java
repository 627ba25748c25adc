package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.ApiFailure;
import dev.lodge.cli.client.Goal;
import dev.lodge.cli.client.Json;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.output.Sanitizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the power verbs share: names of VMs, a request for each, and perhaps a wait. */
abstract class PowerVerb implements Runnable {
  /** Somebody else may write between our look and our write; then look again. */
  private static final int TRIES = 5;

  private final Context context;
  private final String verb;
  private final String doing;

  @Parameters(arity = "1..*", paramLabel = "VM", description = "Names of VMs.")
  private List<String> names = List.of();

  @Mixin private Namespaced namespaced = new Namespaced();

  @Option(names = "--wait", description = "Wait until it is done.")
  private boolean wait;

  @Mixin private Waiting waiting = new Waiting();

  /**
   * @param doing what is said if the agent took the request in silence, e.g. {@code starting}
   */
  PowerVerb(Context context, String verb, String doing) {
    this.context = context;
    this.verb = verb;
    this.doing = doing;
  }

  /** Where the verb should bring a VM that is now as {@code before}. */
  abstract Goal goal(JsonNode before);

  /** Whether the guest is not asked. */
  boolean force() {
    return false;
  }

  /**
   * Runs once the requests are taken, and done if that was asked for.
   *
   * @param taken each VM as it was before
   */
  void then(Map<Target, JsonNode> taken) {}

  final Context context() {
    return context;
  }

  final List<String> names() {
    return names;
  }

  @Override
  public void run() {
    var failures = new Failures(context);
    Map<Target, JsonNode> taken = new LinkedHashMap<>();
    for (Target target : targets()) {
      failures.attempt(
          () -> {
            JsonNode vm = context.api().get(target.path());
            ask(target, vm);
            taken.put(target, vm);
          });
    }
    if (wait) {
      taken.forEach((vm, before) -> failures.attempt(() -> await(vm, before)));
    }
    failures.raise();
    then(taken);
  }

  private List<Target> targets() {
    Targets targets = Targets.parse(names, namespaced.namespace());
    for (Target target : targets.objects()) {
      if (target.kind() != ResourceKind.VirtualMachine) {
        throw new Failure(ExitCode.USAGE, target + " is no VM: '" + verb + "' is for VMs");
      }
    }
    if (targets.objects().isEmpty()) {
      throw new Failure(ExitCode.USAGE, "name the VMs to " + verb);
    }
    return targets.objects();
  }

  /** What powerState the verb means, where there is no verb to send. */
  String powerState() {
    throw new Failure(ExitCode.USAGE, "'" + verb + "' does not work in a cluster yet");
  }

  private void ask(Target target, JsonNode vm) {
    if (context.cluster()) {
      setPowerState(target, vm);
      return;
    }
    ObjectNode body = Json.object();
    if (force()) {
      body.put("force", true);
    }
    String said = context.api().put(Paths.subresource(target, verb), body).path("message").asText();
    context.out().println(said.isEmpty() ? target + " " + doing : Sanitizer.line(said));
    context.out().flush();
  }

  /** In a cluster starting and stopping is the user's own change of the object. */
  private void setPowerState(Target target, JsonNode seen) {
    if (force()) {
      throw new Failure(
          ExitCode.USAGE,
          "--force does not work in a cluster yet; a guest that does not listen is destroyed after spec.stop.gracePeriodSeconds");
    }
    JsonNode vm = seen;
    for (int left = TRIES; ; left--) {
      if (vm.path("spec").path("powerState").asText("PoweredOn").equals(powerState())) {
        context.out().println(target + " is " + powerState() + " already" + hint(vm));
        context.out().flush();
        return;
      }
      ObjectNode wanted = vm.deepCopy();
      wanted.withObjectProperty("spec").put("powerState", powerState());
      try {
        context.api().put(target.path(), wanted);
        context.out().println(target + " " + doing);
        context.out().flush();
        return;
      } catch (ApiFailure e) {
        if (e.status() != 409 || left == 1) {
          throw e;
        }
        vm = context.api().get(target.path());
      }
    }
  }

  private static String hint(JsonNode vm) {
    boolean ended =
        vm.path("status").path("phase").asText().equals("Stopped")
            && vm.path("spec").path("powerState").asText("PoweredOn").equals("PoweredOn");
    return ended ? ", but its guest ended by itself; stop it, then start it" : "";
  }

  final void await(Target vm, JsonNode before) {
    waiting.await(context, vm, goal(before), before);
  }
}
