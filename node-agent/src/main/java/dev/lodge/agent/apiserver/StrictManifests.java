package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.manifest.ManifestProblem;
import dev.lodge.manifest.ManifestReader;
import dev.lodge.manifest.ReadResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks what comes by the API as strictly as what comes from a file, by the same reader. */
public final class StrictManifests implements Ports.ManifestCheck {
  private final ManifestReader reader = new ManifestReader();

  @Override
  public Ports.Verdict check(ObjectNode manifest, @Nullable ObjectNode before) {
    ReadResult result = reader.read(ApiJson.bytes(manifest), "request");
    List<Ports.Mistake> mistakes = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    for (ManifestProblem p : result.problems()) {
      if (p.isError()) {
        mistakes.add(new Ports.Mistake(p.fieldPath(), p.message()));
      } else {
        warnings.add(p.fieldPath() + " " + p.message());
      }
    }
    return new Ports.Verdict(mistakes, warnings);
  }
}
