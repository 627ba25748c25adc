package dev.lodge.bench.scale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A kubeconfig for a token. */
final class Credentials {
  private static final YAMLMapper YAML = new YAMLMapper();

  private Credentials() {}

  /** The server of {@code admin} for whoever has the token. */
  static void write(Path file, Path admin, String token) throws IOException {
    JsonNode cluster = YAML.readTree(admin.toFile()).path("clusters").path(0);
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("apiVersion", "v1").put("kind", "Config").put("current-context", "bench");
    config.putArray("clusters").add(cluster);
    config.putArray("users").addObject().put("name", "bench").putObject("user").put("token", token);
    config
        .putArray("contexts")
        .addObject()
        .put("name", "bench")
        .putObject("context")
        .put("cluster", cluster.path("name").asText())
        .put("user", "bench");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    YAML.writeValue(file.toFile(), config);
  }
}
