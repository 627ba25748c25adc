package dev.lodge.bench.scale;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.manifest.LodgeJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The API server's own record of every write. */
record AuditLog(Path file) {

  /** Who wrote. */
  enum Writer {
    OPERATOR,
    AGENT,
    USER,
    SCHEDULER,
    KUBELET,
    CONTROLLERS
  }

  /**
   * Writes that were granted, and those that were not.
   *
   * @param byWriter heartbeats not among them
   * @param what each sort of write, e.g. {@code AGENT update virtualmachines/status}
   * @param refused by anybody, conflicts too
   * @param heartbeats renewals of Leases and the kubelets' reports on their nodes
   */
  record Count(
      Map<Writer, Integer> byWriter, Map<String, Integer> what, int refused, int heartbeats) {
    int of(Writer writer) {
      return byWriter.getOrDefault(writer, 0);
    }

    int own() {
      return of(Writer.OPERATOR) + of(Writer.AGENT);
    }

    int all() {
      return byWriter.values().stream().mapToInt(i -> i).sum();
    }
  }

  /** Where the log ends now. */
  long end() throws IOException {
    return Files.size(file);
  }

  /** Counts from one end to another; the API server writes it up to a second late. */
  Count count(long from, long to) throws IOException {
    var byWriter = new TreeMap<Writer, Integer>();
    var what = new TreeMap<String, Integer>();
    int refused = 0;
    int heartbeats = 0;
    try (FileChannel channel = FileChannel.open(file);
        InputStream in = Channels.newInputStream(channel.position(from));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      long at = from;
      String line;
      while (at < to && (line = lines.readLine()) != null) {
        at += line.getBytes(StandardCharsets.UTF_8).length + 1;
        JsonNode event = LodgeJson.mapper().readTree(line);
        JsonNode ref = event.path("objectRef");
        String resource = ref.path("resource").asText();
        String sub = ref.path("subresource").asText("");
        if (resource.equals("leases") || resource.equals("nodes") && sub.equals("status")) {
          heartbeats++;
          continue;
        }
        Writer writer = writer(event);
        String name =
            writer
                + " "
                + event.path("verb").asText()
                + " "
                + resource
                + (sub.isEmpty() ? "" : "/" + sub);
        if (event.path("responseStatus").path("code").asInt() >= 300) {
          refused++;
          what.merge(
              name + " REFUSED " + event.path("responseStatus").path("code").asInt(),
              1,
              Integer::sum);
          continue;
        }
        byWriter.merge(writer, 1, Integer::sum);
        what.merge(name, 1, Integer::sum);
      }
    }
    return new Count(byWriter, what, refused, heartbeats);
  }

  private static Writer writer(JsonNode event) {
    String as = event.path("impersonatedUser").path("username").asText();
    String user = as.isEmpty() ? event.path("user").path("username").asText() : as;
    if (user.endsWith(":lodge-operator")) {
      return Writer.OPERATOR;
    }
    if (user.endsWith(":lodge-agent")) {
      return Writer.AGENT;
    }
    if (user.startsWith("system:node:")) {
      return Writer.KUBELET;
    }
    if (user.equals("system:kube-scheduler")) {
      return Writer.SCHEDULER;
    }
    return user.equals("admin") ? Writer.USER : Writer.CONTROLLERS;
  }
}
