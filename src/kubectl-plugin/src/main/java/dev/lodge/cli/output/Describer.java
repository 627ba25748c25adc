package dev.lodge.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.common.Quantity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** An object for people: what it is, how it is, what is wrong and how to mend it. */
public final class Describer {
  private static final List<String> UNITS = List.of("", "Ki", "Mi", "Gi", "Ti");

  /** As in {@code 1536Mi}. */
  private static final int LONGEST_EXACT = 6;

  private final Instant now;

  public Describer(Instant now) {
    this.now = now;
  }

  /**
   * Describes an object.
   *
   * @param events core/v1 Events of it
   */
  public String describe(JsonNode object, List<JsonNode> events) {
    var out = new Description();
    boolean vm = object.path("kind").asText().equals("VirtualMachine");
    head(out, object, vm);
    if (vm) {
      machine(out, object);
    } else {
      generic(out, object);
    }
    conditions(out, object);
    if (vm) {
      awaiting(out, object);
      operations(out, object);
    }
    events(out, events);
    return out.text();
  }

  private void head(Description out, JsonNode object, boolean vm) {
    JsonNode metadata = object.path("metadata");
    var fields = new ArrayList<String[]>();
    fields.add(field("Name", metadata.path("name")));
    fields.add(field("Namespace", metadata.path("namespace")));
    if (!vm) {
      fields.add(field("Kind", object.path("kind")));
    }
    fields.add(new String[] {"Labels", map(metadata.path("labels"))});
    fields.add(new String[] {"Annotations", map(metadata.path("annotations"))});
    fields.add(field("UID", metadata.path("uid")));
    fields.add(new String[] {"Created", time(metadata.path("creationTimestamp"))});
    fields.add(new String[] {"Deleted", time(metadata.path("deletionTimestamp"))});
    if (vm) {
      JsonNode status = object.path("status");
      fields.add(new String[] {"Phase", status.path("phase").asText("Unknown")});
      fields.add(field("Node", status.path("nodeName")));
      fields.add(new String[] {"Started", time(status.path("startedAt"))});
    }
    out.fields("", fields);
  }

  private static void machine(Description out, JsonNode object) {
    JsonNode spec = object.path("spec");
    JsonNode hardware = object.path("status").path("hardware");
    JsonNode cpu = spec.path("cpu");
    JsonNode memory = spec.path("memory");
    JsonNode firmware = spec.path("firmware");
    out.section("Machine");
    out.fields(
        "  ",
        List.of(
            new String[] {"Power state", spec.path("powerState").asText("PoweredOn")},
            new String[] {"Restart policy", spec.path("restartPolicy").asText("OnFailure")},
            new String[] {"Hypervisor", spec.path("hypervisor").asText("Auto")},
            new String[] {
              "Machine type",
              hardware.path("machineType").asText(spec.path("machine").path("type").asText("q35"))
            },
            new String[] {
              "CPUs",
              cpu.path("count").asText() + upTo(cpu) + " " + hardware.path("cpuModel").asText()
            },
            new String[] {"Memory", memory.path("size").asText() + upTo(memory)},
            new String[] {"Firmware", firmware.path("type").asText("BIOS")},
            new String[] {"Kernel", file(firmware.path("kernel").path("kernelRef"))},
            field("Command line", firmware.path("kernel").path("cmdline")),
            field("UUID", hardware.path("uuid"))));
    disks(out, object);
    interfaces(out, object);
  }

  private static String upTo(JsonNode sized) {
    return sized.has("max") ? " (up to " + sized.path("max").asText() + ")" : "";
  }

  private static String file(JsonNode ref) {
    JsonNode image = ref.path("imageRef");
    JsonNode resource = ref.path("hostResourceRef");
    if (image.isMissingNode() && resource.isMissingNode()) {
      return "";
    }
    String path = resource.path("path").asText();
    return image.isMissingNode()
        ? "host resource " + resource.path("name").asText() + (path.isEmpty() ? "" : "/" + path)
        : "image " + image.path("name").asText();
  }

  private static void disks(Description out, JsonNode object) {
    JsonNode present = object.path("status").path("disks");
    JsonNode wanted = object.path("spec").path("disks");
    var rows = new ArrayList<List<String>>();
    for (JsonNode disk : wanted) {
      JsonNode now = named(present, disk.path("name").asText());
      rows.add(
          List.of(
              cell(disk.path("name")),
              disk.path("device").asText("Disk"),
              cell(now.path("target")),
              size(now.has("size") ? now.path("size") : disk.path("size")),
              now.has("format") ? cell(now.path("format")) : cell(disk.path("format")),
              now.has("source") ? cell(now.path("source")) : source(disk.path("source"))));
    }
    for (JsonNode disk : present) {
      if (named(wanted, disk.path("name").asText()).isMissingNode()) {
        rows.add(
            List.of(
                cell(disk.path("name")),
                "Lodge's own",
                cell(disk.path("target")),
                size(disk.path("size")),
                cell(disk.path("format")),
                cell(disk.path("source"))));
      }
    }
    if (!rows.isEmpty()) {
      out.section("Disks");
      out.table(List.of("Name", "Device", "Target", "Size", "Format", "Source"), rows);
    }
  }

  private static String source(JsonNode source) {
    if (source.has("blank")) {
      return "blank";
    }
    String file = file(source);
    return file.isEmpty() ? "<none>" : file;
  }

  private static void interfaces(Description out, JsonNode object) {
    var rows = new ArrayList<List<String>>();
    for (JsonNode nic : object.path("status").path("interfaces")) {
      rows.add(
          List.of(
              cell(nic.path("name")),
              cell(nic.path("network")),
              cell(nic.path("mac")),
              list(nic.path("ips")),
              cell(nic.path("source")),
              cell(nic.path("target")),
              cell(nic.path("linkState"))));
    }
    if (!rows.isEmpty()) {
      out.section("Interfaces");
      out.table(List.of("Name", "Network", "MAC", "IPs", "Known by", "Target", "Link"), rows);
    }
  }

  private static void generic(Description out, JsonNode object) {
    out.section("Spec");
    out.block("  ", Yaml.write(object.path("spec")));
    if (object.path("status") instanceof ObjectNode status) {
      ObjectNode rest = status.deepCopy();
      rest.remove(List.of("conditions", "observedGeneration"));
      if (!rest.isEmpty()) {
        out.section("Status");
        out.block("  ", Yaml.write(rest));
      }
    }
  }

  private void conditions(Description out, JsonNode object) {
    JsonNode conditions = object.path("status").path("conditions");
    if (conditions.isEmpty()) {
      return;
    }
    out.section("Conditions");
    for (JsonNode condition : conditions) {
      out.block(
          "  ",
          Sanitizer.line(
              condition.path("type").asText()
                  + ": "
                  + condition.path("status").asText()
                  + ", "
                  + condition.path("reason").asText()
                  + " (for "
                  + Ages.since(condition.path("lastTransitionTime").asText(), now)
                  + ")"));
      out.paragraph("      ", condition.path("message").asText());
    }
  }

  private static void awaiting(Description out, JsonNode object) {
    var rows = new ArrayList<List<String>>();
    for (JsonNode change : object.path("status").path("restartAwaitingChanges")) {
      rows.add(
          List.of(
              cell(change.path("path")),
              cell(change.path("current")),
              cell(change.path("desired"))));
    }
    if (!rows.isEmpty()) {
      out.section(
          "Changes that await a restart",
          "lodge restart " + Sanitizer.line(object.path("metadata").path("name").asText()));
      out.table(List.of("Field", "Now", "Then"), rows);
    }
  }

  private void operations(Description out, JsonNode object) {
    var rows = new ArrayList<List<String>>();
    for (JsonNode request : object.path("status").path("requests")) {
      rows.add(row(request, "Asked for"));
    }
    for (JsonNode operation : object.path("status").path("operations")) {
      rows.add(row(operation, operation.path("result").asText()));
    }
    if (!rows.isEmpty()) {
      out.section("Operations");
      out.table(List.of("Verb", "Age", "By", "Result", "Message"), rows);
    }
  }

  private List<String> row(JsonNode operation, String result) {
    return List.of(
        cell(operation.path("verb")),
        Ages.since(operation.path("time").asText(), now),
        cell(operation.path("user")),
        result,
        operation.path("message").asText());
  }

  private void events(Description out, List<JsonNode> events) {
    if (events.isEmpty()) {
      out.section("Events", "<none>");
      return;
    }
    var rows = new ArrayList<List<String>>();
    for (JsonNode event : events) {
      String last = event.path("lastTimestamp").asText(event.path("eventTime").asText());
      int count = event.path("count").asInt(1);
      rows.add(
          List.of(
              event.path("type").asText(),
              event.path("reason").asText(),
              Ages.since(last, now) + (count > 1 ? " (x" + count + ")" : ""),
              event.path("message").asText()));
    }
    out.section("Events");
    out.table(List.of("Type", "Reason", "Age", "Message"), rows);
  }

  private String time(JsonNode time) {
    return time.isTextual()
        ? time.textValue() + " (" + Ages.since(time.textValue(), now) + ")"
        : "";
  }

  private static String[] field(String label, JsonNode value) {
    return new String[] {label, value.asText("")};
  }

  private static String cell(JsonNode value) {
    String text = value.asText("");
    return text.isEmpty() ? "<none>" : text;
  }

  /** Bytes, or a unit too small to read, become the unit that people would say. */
  private static String size(JsonNode value) {
    String text = cell(value);
    var quantity = new Quantity(text);
    if (!text.matches("[0-9]{4,19}(Ki|Mi|Gi)?") || !quantity.isValid()) {
      return text;
    }
    long bytes = quantity.bytes();
    double n = bytes;
    int unit = 0;
    while (unit < UNITS.size() - 1 && n >= 1024) {
      n /= 1024;
      unit++;
    }
    String exact = Quantity.ofBytes(bytes).text();
    return exact.length() <= LONGEST_EXACT
        ? exact
        : String.format(Locale.ROOT, "%.1f%s", n, UNITS.get(unit));
  }

  private static String list(JsonNode values) {
    return values.isEmpty()
        ? "<none>"
        : StreamSupport.stream(values.spliterator(), false)
            .map(JsonNode::asText)
            .collect(Collectors.joining(","));
  }

  private static String map(JsonNode map) {
    return map.properties().stream()
        .map(e -> e.getKey() + "=" + e.getValue().asText())
        .collect(Collectors.joining(", "));
  }

  private static JsonNode named(JsonNode list, String name) {
    for (JsonNode item : list) {
      if (item.path("name").asText().equals(name)) {
        return item;
      }
    }
    return MissingNode.getInstance();
  }
}
