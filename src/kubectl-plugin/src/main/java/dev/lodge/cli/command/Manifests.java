package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.output.Sanitizer;
import dev.lodge.manifest.Manifest;
import dev.lodge.manifest.ManifestProblem;
import dev.lodge.manifest.ManifestReader;
import dev.lodge.manifest.ReadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Manifests from files, directories and standard input, checked before anything is sent. */
final class Manifests {
  private static final List<String> SUFFIXES = List.of(".yaml", ".yml", ".json");

  private final Context context;
  private final ManifestReader reader;
  private final Map<String, String> seen = new LinkedHashMap<>();
  private int errors;

  Manifests(Context context, String namespace) {
    this.context = context;
    this.reader = new ManifestReader(namespace);
  }

  /**
   * All objects, in an order in which each finds what it refers to: HostResource, VmImage,
   * VmNetwork, VirtualMachine.
   *
   * @throws Failure REFUSED after every problem of every file was printed; nothing was sent then
   */
  List<Manifest> read(List<String> names) {
    var manifests = new ArrayList<Manifest>();
    for (String name : names) {
      for (Source source : sources(name)) {
        ReadResult result = reader.read(source.content(), source.name());
        result.problems().forEach(this::print);
        result.manifests().forEach(m -> add(manifests, m));
      }
    }
    if (errors > 0) {
      throw new Failure(ExitCode.REFUSED, errors == 1 ? "1 mistake" : errors + " mistakes");
    }
    if (manifests.isEmpty()) {
      throw new Failure(ExitCode.REFUSED, "no objects in " + String.join(", ", names));
    }
    manifests.sort(Comparator.comparing((Manifest m) -> m.kind().ordinal()).reversed());
    return manifests;
  }

  /** The object that a manifest describes. */
  static Target target(Manifest manifest) {
    return new Target(manifest.kind(), manifest.namespace(), manifest.name());
  }

  private void add(List<Manifest> manifests, Manifest manifest) {
    String former = seen.putIfAbsent(manifest.label(), manifest.file());
    if (former == null || former.equals(manifest.file())) {
      manifests.add(manifest);
    } else {
      context
          .err()
          .println(
              Sanitizer.lines(
                  manifest.file() + ": " + manifest.label() + " stands in " + former + " too"));
      errors++;
    }
  }

  private void print(ManifestProblem problem) {
    context.err().println(Sanitizer.lines(problem.toString()));
    errors += problem.isError() ? 1 : 0;
  }

  private record Source(String name, byte[] content) {}

  private List<Source> sources(String name) {
    if (name.equals("-")) {
      try {
        return List.of(new Source("standard input", context.in().readAllBytes()));
      } catch (IOException e) {
        throw new Failure(ExitCode.FAILED, "standard input: " + e.getMessage());
      }
    }
    try {
      Path path = Path.of(name);
      if (!Files.isDirectory(path)) {
        return List.of(new Source(name, content(path)));
      }
      try (Stream<Path> entries = Files.list(path)) {
        return entries
            .filter(p -> SUFFIXES.stream().anyMatch(s -> p.getFileName().toString().endsWith(s)))
            .filter(p -> !p.getFileName().toString().startsWith("."))
            .filter(Files::isRegularFile)
            .sorted()
            .map(p -> new Source(p.toString(), content(p)))
            .toList();
      }
    } catch (IOException | InvalidPathException e) {
      throw new Failure(ExitCode.FAILED, name + ": " + e.getMessage());
    }
  }

  /** One byte more than a file of manifests may have is enough to be told so. */
  private static byte[] content(Path path) {
    try (var in = Files.newInputStream(path)) {
      return in.readNBytes(16 << 20);
    } catch (NoSuchFileException e) {
      throw new Failure(ExitCode.NOT_FOUND, path + ": there is no such file");
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILED, path + ": " + e.getMessage());
    }
  }
}
