package dev.lodge.cli;

/** Examples for the help of each verb; a test parses them all. */
final class Examples {
  private Examples() {}

  /** Lines for the end of a verb's help; none for a verb that has none. */
  static String[] of(String verb) {
    String lines = lines(verb);
    return lines.isEmpty() ? new String[0] : ("\nExamples:\n" + lines.indent(2)).split("\n");
  }

  private static String lines(String verb) {
    return switch (verb) {
      case "validate" ->
          """
          lodge validate -f web.yaml
          lodge validate -f manifests/ -f more.yaml
          """;
      case "run" ->
          """
          lodge run debian-12 --ssh-key ~/.ssh/id_ed25519.pub
          lodge run ./disk.qcow2 --name web --memory 2Gi --disk-size 20Gi
          lodge run https://x.example/y.qcow2 --checksum https://x.example/SHA256SUMS
          lodge run ./debian.iso --disk-size 20Gi --cpus 2 -d
          """;
      case "apply" ->
          """
          lodge apply -f web.yaml --wait
          lodge apply -f manifests/ --dry-run
          lodge get vm web -o yaml | lodge apply -f -
          """;
      case "edit" ->
          """
          lodge edit vm web
          LODGE_EDITOR=nano lodge edit vmnet/default
          """;
      case "delete" ->
          """
          lodge delete vm web db
          lodge delete -f web.yaml --ignore-not-found
          lodge delete vm -l app=web --wait=false
          lodge delete all --all
          """;
      case "get" ->
          """
          lodge get                        # the VMs
          lodge get vm web -o yaml
          lodge get all -A -o wide
          lodge get vm -l app=web -w       # and every change
          lodge get vm -o name | xargs -n 1 lodge stop
          """;
      case "describe" ->
          """
          lodge describe web
          lodge describe vmimg debian-12
          """;
      case "start" ->
          """
          lodge start web db --wait
          lodge start web --console        # and see its boot
          """;
      case "stop" ->
          """
          lodge stop web db --wait
          lodge stop web --force           # the plug, at once
          """;
      case "restart" ->
          """
          lodge restart web --wait --timeout 2m
          """;
      case "reset" ->
          """
          lodge reset web
          """;
      case "pause" ->
          """
          lodge pause web
          """;
      case "resume" ->
          """
          lodge resume web --wait
          """;
      case "console" ->
          """
          lodge console web
          lodge console web --device virtio
          lodge console web --until "login:" --timeout 120s </dev/null
          """;
      case "logs" ->
          """
          lodge logs web --tail 2000
          lodge logs web -f --device virtio
          """;
      case "xml" ->
          """
          lodge xml web
          lodge xml web --next
          lodge xml -f web.yaml --host-capabilities host.json
          """;
      case "diff" ->
          """
          lodge diff -f web.yaml           # what apply would change
          lodge diff web                   # what awaits a restart
          """;
      case "network" ->
          """
          lodge network leases
          lodge network leases default -o json
          """;
      case "image" ->
          """
          lodge image list -A
          """;
      case "host" ->
          """
          lodge host capabilities > host.json
          """;
      case "version" ->
          """
          lodge version --client
          """;
      default -> "";
    };
  }
}
