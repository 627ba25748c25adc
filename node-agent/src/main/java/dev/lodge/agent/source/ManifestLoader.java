package dev.lodge.agent.source;

import dev.lodge.manifest.Manifest;
import dev.lodge.manifest.ManifestProblem;
import dev.lodge.manifest.ManifestReader;
import dev.lodge.manifest.ReadResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads one file of the directory. */
final class ManifestLoader {
  private final ManifestReader reader = new ManifestReader();
  private final UnaryOperator<Wish> known;

  /**
   * @param known gives the equal wish that is in memory already, so that it is there once and
   *     compared quickly
   */
  ManifestLoader(UnaryOperator<Wish> known) {
    this.known = known;
  }

  /** The file as it is now; null if it is not there; as before while somebody writes it. */
  @Nullable ManifestFile load(Path directory, String name, @Nullable ManifestFile before) {
    Path file = directory.resolve(name);
    return switch (FileContent.of(file)) {
      case FileContent.Absent a -> null;
      case FileContent.Unreadable u ->
          ManifestFile.bad(name, u.fingerprint(), List.of("the file " + u.why()));
      case FileContent.Changing c -> before == null ? ManifestFile.pending(name) : before;
      case FileContent.Read r -> parse(file, name, r);
    };
  }

  private ManifestFile parse(Path path, String name, FileContent.Read read) {
    if (blank(read.bytes())) {
      return ManifestFile.bad(
          name,
          read.fingerprint(),
          List.of("the file is empty; remove it if its objects are to be deleted"));
    }
    ReadResult result = reader.read(read.bytes(), name);
    List<String> errors = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (ManifestProblem p : result.problems()) {
      (p.isError() ? errors : warnings).add(withoutFile(p.toString(), name));
    }
    if (!errors.isEmpty()) {
      return ManifestFile.bad(name, read.fingerprint(), errors);
    }
    List<Wish> wishes = new ArrayList<>();
    for (Manifest m : result.manifests()) {
      wishes.add(known.apply(Wish.of(m.kind(), m.namespace(), m.name(), m.tree())));
    }
    boolean own = OwnManifest.is(name, read.bytes(), wishes) && !Files.isSymbolicLink(path);
    return new ManifestFile(
        name,
        read.fingerprint(),
        own,
        List.copyOf(wishes),
        List.of(),
        List.copyOf(warnings),
        false);
  }

  private static String withoutFile(String problem, String name) {
    return problem.startsWith(name + ":") ? problem.substring(name.length() + 1) : problem;
  }

  private static boolean blank(byte[] bytes) {
    for (byte b : bytes) {
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }
}
