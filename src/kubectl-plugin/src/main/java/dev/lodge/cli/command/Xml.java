package dev.lodge.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus;
import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Json;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.offline.OfflineResolver;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.plan.MachinePlanner;
import dev.lodge.domain.plan.PlanRequest;
import dev.lodge.domain.plan.PlanResult;
import dev.lodge.libvirtxml.DomainXml;
import dev.lodge.manifest.LodgeJson;
import dev.lodge.manifest.Manifest;
import dev.lodge.manifest.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lodge xml}. */
@Command(
    name = "xml",
    description = {
      "Show the libvirt domain XML of a VM.",
      "Of a VM that runs, what libvirt has; else what the next start would give it. With --next, the"
          + " latter though it runs: nothing is prepared for that, so paths of images and disks are"
          + " assumed.",
      "With -f, of the VMs of manifest files: no agent is needed if --host-capabilities says what"
          + " the host can do; UID and MAC are then assumed too. Standard error tells what was assumed."
    },
    sortOptions = false)
public final class Xml implements Runnable {
  private final Context context;

  @Parameters(
      arity = "0..2",
      paramLabel = "[VM]",
      hideParamSyntax = true,
      description = "Name of the VM.")
  private List<String> words = List.of();

  @Mixin private Namespaced namespaced = new Namespaced();

  @Option(names = "--next", description = "What the next start would give, though the VM runs.")
  private boolean next;

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description = "Manifest file or directory; - is standard input. Repeatable.")
  private List<String> files = List.of();

  @Option(
      names = "--host-capabilities",
      paramLabel = "FILE",
      description = "What 'lodge host capabilities' has printed; default: ask the agent.")
  private @Nullable Path capabilities;

  public Xml(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    if (files.isEmpty() == words.isEmpty()) {
      throw new Failure(ExitCode.USAGE, "name a VM, or give -f FILE");
    }
    if (files.isEmpty()) {
      ofAgent();
    } else {
      ofFiles();
    }
  }

  private void ofAgent() {
    if (capabilities != null) {
      throw new Failure(ExitCode.USAGE, "--host-capabilities goes with -f");
    }
    var vm = OneVm.of(words, namespaced.namespace());
    if (next) {
      nextStart(vm);
    } else {
      context.out().print(context.api().text(Paths.subresource(vm, "xml")));
    }
  }

  private void nextStart(Target vm) {
    JsonNode object = context.api().get(vm.path());
    ObjectNode list = Json.object().put("kind", "List");
    ArrayNode items = list.putArray("items").add(object);
    for (ResourceKind kind : List.of(ResourceKind.HostResource, ResourceKind.VmImage)) {
      context.api().get(Paths.objects(kind, "")).path("items").forEach(items::add);
    }
    // A newer agent may know objects that this program does not: the VM itself must be readable.
    List<Manifest> manifests =
        new ManifestReader().read(new String(Json.bytes(list), UTF_8), "the agent").manifests();
    Manifest manifest =
        manifests.stream()
            .filter(m -> Manifests.target(m).equals(vm))
            .findFirst()
            .orElseThrow(() -> new Failure(ExitCode.REFUSED, vm + " cannot be read by this lodge"));
    var status = LodgeJson.read(object.path("status"), VirtualMachineStatus.class);
    long epoch = status.epoch() == null ? 1 : status.epoch() + 1;
    var known =
        new OfflineResolver.Known(object.path("metadata").path("uid").asText(), epoch, status);
    var resolver = new OfflineResolver(manifests);
    print(manifest, resolver, resolver.request(manifest, host(), known));
  }

  private void ofFiles() {
    List<Manifest> manifests = new Manifests(context, namespaced.namespace()).read(files);
    List<Manifest> vms =
        manifests.stream().filter(m -> m.kind() == ResourceKind.VirtualMachine).toList();
    if (vms.isEmpty()) {
      throw new Failure(
          ExitCode.REFUSED, "there is no VirtualMachine in " + String.join(", ", files));
    }
    HostCapabilities host = host();
    for (Manifest vm : vms) {
      var resolver = new OfflineResolver(manifests);
      print(vm, resolver, resolver.request(vm, host));
    }
  }

  private void print(Manifest vm, OfflineResolver resolver, PlanRequest request) {
    switch (new MachinePlanner().plan(request)) {
      case PlanResult.Planned planned -> {
        resolver.assumptions().forEach(a -> context.err().println("assumed: " + a));
        planned.remarks().forEach(r -> context.err().println("remark: " + r));
        context.out().print(DomainXml.render(planned.plan()));
      }
      case PlanResult.Refused refused ->
          throw new Failure(
              ExitCode.REFUSED, vm.file() + ": " + vm.label() + ":\n" + refused.text());
    }
  }

  private HostCapabilities host() {
    Path file = capabilities;
    JsonNode tree;
    if (file == null) {
      tree = context.api().get(Paths.hostCapabilities());
    } else {
      try {
        tree = Json.read(Files.readAllBytes(file));
      } catch (IOException e) {
        throw new Failure(ExitCode.FAILED, file + ": " + e.getMessage());
      }
    }
    try {
      HostCapabilities host = LodgeJson.read(tree, HostCapabilities.class);
      Objects.requireNonNull(host.kvm(), "kvm");
      Objects.requireNonNull(host.guests(), "guests");
      return host;
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new Failure(
          ExitCode.REFUSED,
          (file == null ? "the agent's answer" : file)
              + " is not what 'lodge host capabilities' prints: "
              + e.getMessage());
    }
  }
}
