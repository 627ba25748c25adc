package dev.lodge.cli.command;

import dev.lodge.api.ResourceKind;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Target;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * What the words after a verb name, as with kubectl: {@code KIND}, {@code KIND NAME...}, {@code
 * KIND/NAME...}, {@code KIND,KIND} or {@code all}. A word that is no kind is the name of a VM,
 * which is what this program is about.
 *
 * @param kinds whole kinds; empty if names were given
 * @param objects single objects
 */
record Targets(List<ResourceKind> kinds, List<Target> objects) {

  static Targets parse(List<String> words, String namespace) {
    if (words.isEmpty()) {
      return new Targets(List.of(ResourceKind.VirtualMachine), List.of());
    }
    if (words.getFirst().contains("/")) {
      return new Targets(List.of(), slashed(words, namespace));
    }
    Optional<List<ResourceKind>> kinds = kinds(words.getFirst());
    List<String> names = kinds.isPresent() ? words.subList(1, words.size()) : words;
    if (kinds.isPresent() && names.isEmpty()) {
      return new Targets(kinds.get(), List.of());
    }
    var objects = new ArrayList<Target>();
    for (ResourceKind kind : kinds.orElse(List.of(ResourceKind.VirtualMachine))) {
      for (String name : names) {
        if (name.contains("/")) {
          throw new Failure(
              ExitCode.USAGE, "write either KIND NAME... or KIND/NAME..., not both: " + name);
        }
        objects.add(Target.of(kind, namespace, name));
      }
    }
    return new Targets(List.of(), objects);
  }

  private static List<Target> slashed(List<String> words, String namespace) {
    var objects = new ArrayList<Target>();
    for (String word : words) {
      int slash = word.indexOf('/');
      if (slash < 0) {
        throw new Failure(
            ExitCode.USAGE, "write either KIND NAME... or KIND/NAME..., not both: " + word);
      }
      String kind = word.substring(0, slash);
      ResourceKind known = one(kind).orElseThrow(() -> unknown(kind));
      objects.add(Target.of(known, namespace, word.substring(slash + 1)));
    }
    return objects;
  }

  private static Optional<List<ResourceKind>> kinds(String word) {
    if (word.equalsIgnoreCase("all")) {
      return Optional.of(ResourceKind.wishes());
    }
    EnumSet<ResourceKind> kinds = EnumSet.noneOf(ResourceKind.class);
    for (String part : word.split(",")) {
      Optional<ResourceKind> kind = one(part);
      if (kind.isEmpty() && word.contains(",")) {
        throw unknown(part);
      }
      kind.ifPresent(kinds::add);
    }
    return kinds.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(kinds));
  }

  private static Optional<ResourceKind> one(String word) {
    String plain =
        word.endsWith("." + ResourceKind.GROUP)
            ? word.substring(0, word.length() - ResourceKind.GROUP.length() - 1)
            : word;
    for (ResourceKind kind : ResourceKind.wishes()) {
      if (plain.equalsIgnoreCase(kind.shortName() + "s")) {
        return Optional.of(kind);
      }
    }
    return ResourceKind.byName(plain);
  }

  private static Failure unknown(String kind) {
    return new Failure(
        ExitCode.USAGE,
        "there is no kind '" + kind + "'; there are vm, vmnet, vmimg, hostres and all");
  }
}
