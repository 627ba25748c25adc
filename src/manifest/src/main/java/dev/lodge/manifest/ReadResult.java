package dev.lodge.manifest;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a file holds.
 *
 * @param manifests the objects without errors; complete only if {@link #ok}
 * @param problems errors and warnings, in the order of the file
 */
public record ReadResult(List<Manifest> manifests, List<ManifestProblem> problems) {

  /** No error: all of the file was read. */
  public boolean ok() {
    return problems.stream().noneMatch(ManifestProblem::isError);
  }

  /** The problems, one a line. */
  public String report() {
    return problems.stream().map(ManifestProblem::toString).collect(Collectors.joining("\n"));
  }
}
