package dev.lodge.libvirtxml;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** libvirt's own RELAX NG schemas, checked by the same xmllint that virt-xml-validate calls. */
enum Schema {
  DOMAIN("domain.rng"),
  NETWORK("network.rng");

  private static final Path FOLDER = Path.of("/usr/share/libvirt/schemas");
  private final String file;

  Schema(String file) {
    this.file = file;
  }

  /** What the schema says against these files; nothing if all are valid. One process for all. */
  List<String> complaints(List<Path> files) throws IOException, InterruptedException {
    if (!Files.exists(FOLDER.resolve(file))) {
      throw new IllegalStateException(
          FOLDER + " is missing: install libvirt-clients and libxml2-utils");
    }
    List<String> command =
        new ArrayList<>(
            List.of("xmllint", "--noout", "--relaxng", FOLDER.resolve(file).toString()));
    files.forEach(f -> command.add(f.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    process.waitFor();
    List<String> valid = files.stream().map(f -> f + " validates").toList();
    List<String> complaints = new ArrayList<>(lines);
    complaints.removeAll(valid);
    if (lines.size() - complaints.size() < files.size() && complaints.isEmpty()) {
      complaints.add("xmllint checked fewer files than it was given");
    }
    return complaints;
  }
}
