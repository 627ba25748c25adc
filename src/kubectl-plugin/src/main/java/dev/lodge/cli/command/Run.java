package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Applier;
import dev.lodge.cli.client.Goal;
import dev.lodge.cli.client.Json;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.image.ImageAlias;
import dev.lodge.cli.terminal.ConsoleSession;
import dev.lodge.manifest.ManifestReader;
import dev.lodge.manifest.ReadResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lodge run}. */
@Command(
    name = "run",
    description = {
      "Make a VM of an image, wait until it runs, and attach to its console.",
      "IMAGE is the name of a VmImage; or one of debian-12, debian-13, ubuntu-22.04 and"
          + " ubuntu-24.04, fetched from its publisher; or a URL (with --checksum); or the path of a"
          + " disk image on the agent's host, with a slash in it."
    },
    sortOptions = false)
public final class Run implements Runnable {
  private final Context context;

  @Parameters(
      paramLabel = "IMAGE",
      description = "A VmImage's name, a short name, a URL, or a path.")
  private String image = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the VM; default: the image's.")
  private @Nullable String name;

  @Mixin private Namespaced namespaced = new Namespaced();

  @Option(names = "--cpus", paramLabel = "N", description = "Virtual CPUs; default 1.")
  private int cpus = 1;

  @Option(names = "--memory", paramLabel = "SIZE", description = "Memory; default 1Gi.")
  private String memory = "1Gi";

  @Option(
      names = "--disk-size",
      paramLabel = "SIZE",
      description = "Size of the root disk; default: the image's.")
  private @Nullable String diskSize;

  @Option(
      names = "--checksum",
      paramLabel = "SUM",
      description =
          "What a fetched image must be: sha256:HEX, sha512:HEX, or the https address of the"
              + " publisher's file of checksums, where it is read once.")
  private @Nullable String checksum;

  @Option(
      names = "--insecure-no-checksum",
      description = "Trust whatever the URL gives: whoever controls it controls the VM.")
  private boolean noChecksum;

  @Option(
      names = "--user-data",
      paramLabel = "FILE",
      description = "cloud-init user data; else --ssh-key makes some.")
  private @Nullable Path userData;

  @Option(
      names = "--ssh-key",
      paramLabel = "FILE",
      description = "A public key that the image's default user admits, by cloud-init.")
  private @Nullable Path sshKey;

  @Option(
      names = {"-d", "--detach"},
      description = "Do not attach to the console.")
  private boolean detach;

  @Mixin private Waiting waiting = new Waiting();

  public Run(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    var source = ImageSource.of(context.api(), image, namespaced.namespace(), checksum, noChecksum);
    Target vm = Target.of(ResourceKind.VirtualMachine, namespaced.namespace(), vmName(source));
    if (context.api().find(vm.path()).isPresent()) {
      throw new Failure(
          ExitCode.REFUSED,
          vm + " is there already: give another --name, or  lodge start --console " + vm.name());
    }
    ObjectNode manifest = check(manifest(vm, source));
    if (ImageAlias.find(source.name()).isPresent() && userData == null && sshKey == null) {
      context
          .err()
          .println(
              "note: "
                  + source.name()
                  + " has no password; to log in give --ssh-key or --user-data");
    }
    var applier = new Applier(context.api(), false);
    for (ObjectNode object : source.objects()) {
      ResourceKind kind = ResourceKind.valueOf(object.path("kind").asText());
      Target target =
          Target.of(kind, namespaced.namespace(), object.path("metadata").path("name").asText());
      context.out().println(target + " " + applier.apply(target, check(object)).word());
    }
    context.api().create(Paths.objects(vm.kind(), vm.namespace()), manifest);
    context.out().println(vm + " created");
    context.out().flush();
    waiting.await(context, vm, Goal.running(), null);
    if (!detach) {
      new ConsoleSession(context).attach(vm, ConsoleSession.Options.interactive());
    }
  }

  private String vmName(ImageSource source) {
    return name != null ? name : source.name().replace('.', '-');
  }

  private ObjectNode manifest(Target vm, ImageSource source) {
    ObjectNode out = ImageSource.object(ResourceKind.VirtualMachine, vm.namespace(), vm.name());
    ObjectNode spec = out.putObject("spec");
    spec.putObject("cpu").put("count", cpus);
    spec.putObject("memory").put("size", memory);
    ObjectNode disk = Json.object();
    if (source.disc()) {
      disk.put("name", "cd").put("device", "CDROM").put("bootOrder", 2);
      if (diskSize != null) {
        ObjectNode blank = spec.withArrayProperty("disks").addObject();
        blank.put("name", "root").put("size", diskSize).put("bootOrder", 1);
        blank.putObject("source").putObject("blank");
      }
    } else {
      disk.put("name", "root").put("bootOrder", 1);
      if (diskSize != null) {
        disk.put("size", diskSize);
      }
    }
    disk.putObject("source").putObject("imageRef").put("name", source.name());
    spec.withArrayProperty("disks").add(disk);
    String data = cloudInit();
    if (data != null) {
      spec.putObject("cloudInit").put("userData", data);
    }
    return out;
  }

  private @Nullable String cloudInit() {
    Path data = userData;
    Path key = sshKey;
    if (data != null && key != null) {
      throw new Failure(ExitCode.USAGE, "give either --user-data or --ssh-key");
    }
    if (data != null) {
      return text(data);
    }
    if (key == null) {
      return null;
    }
    String line = text(key).strip();
    if (line.contains("PRIVATE KEY") || line.lines().count() != 1) {
      throw new Failure(ExitCode.USAGE, key + " is no public key; give the file that ends in .pub");
    }
    return "#cloud-config\nssh_authorized_keys:\n- " + Json.pretty(Json.text(line)) + "\n";
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILED, file + ": " + e.getMessage());
    }
  }

  /** The same check that a file would get, so that a wrong --memory is told as such. */
  private ObjectNode check(ObjectNode object) {
    ReadResult read =
        new ManifestReader(namespaced.namespace())
            .read(new String(Json.bytes(object), StandardCharsets.UTF_8), "run");
    if (!read.ok()) {
      String problems =
          String.join(
              "\n",
              read.problems().stream()
                  .filter(p -> p.isError())
                  .map(p -> (p.fieldPath() + " " + p.message()).strip())
                  .toList());
      throw new Failure(ExitCode.REFUSED, problems);
    }
    return read.manifests().getFirst().tree();
  }
}
