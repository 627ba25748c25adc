package dev.lodge.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** A state of a VM that a command waits for. */
@FunctionalInterface
public interface Goal {
  /** Judges the VM as it is now. */
  Verdict judge(JsonNode vm);

  /** What a look at a VM says. */
  sealed interface Verdict {
    /** There. */
    record Reached() implements Verdict {}

    /** On the way; the text is for people. */
    record Under(String way) implements Verdict {}

    /** It will not get there by itself. */
    record Hopeless(String why) implements Verdict {}
  }

  /** Reasons of Ready that only a person can mend. */
  List<String> HOPELESS =
      List.of(
          "InvalidSpec",
          "NotFound",
          "NotAllowed",
          "ImageFailed",
          "DiskFailed",
          "DiskInUse",
          "NetworkFailed",
          "AddressInUse",
          "ForeignDomain",
          "Unsupported",
          "NodeRecordFailed",
          "QemuFailed",
          "BackingOff");

  /** The guest runs as the spec says. */
  static Goal running() {
    return vm -> current(vm) && phase(vm).equals("Running") ? new Verdict.Reached() : onTheWay(vm);
  }

  /** The guest runs, and was started at another time than before. */
  static Goal startedAgain(String before) {
    return vm ->
        current(vm)
                && phase(vm).equals("Running")
                && !vm.path("status").path("startedAt").asText().equals(before)
            ? new Verdict.Reached()
            : onTheWay(vm);
  }

  /** The VM has a phase, whatever its spec says. */
  static Goal phase(String wanted) {
    return vm -> phase(vm).equals(wanted) ? new Verdict.Reached() : onTheWay(vm);
  }

  /** What the spec wishes: running, or stopped. */
  static Goal asDeclared() {
    return vm ->
        vm.path("spec").path("powerState").asText().equals("PoweredOff")
            ? (current(vm) ? phase("Stopped").judge(vm) : onTheWay(vm))
            : running().judge(vm);
  }

  private static Verdict onTheWay(JsonNode vm) {
    JsonNode ready = Conditions.of(vm, "Ready");
    String reason = ready.path("reason").asText();
    String message = ready.path("message").asText();
    if (current(vm) && HOPELESS.contains(reason)) {
      return new Verdict.Hopeless(message.isEmpty() ? reason : message);
    }
    String phase = phase(vm);
    String text = phase.isEmpty() ? "waiting for the agent" : phase;
    return new Verdict.Under(message.isEmpty() ? text : text + ": " + message);
  }

  /** The status answers the present spec. */
  private static boolean current(JsonNode vm) {
    return vm.path("status").path("observedGeneration").asLong()
        >= vm.path("metadata").path("generation").asLong();
  }

  private static String phase(JsonNode vm) {
    return vm.path("status").path("phase").asText();
  }
}
