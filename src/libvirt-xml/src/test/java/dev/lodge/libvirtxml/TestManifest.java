package dev.lodge.libvirtxml;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.DiskSource;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.machine.DevicePlan.Disk.Source;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.MachineFiles;
import dev.lodge.domain.plan.PlanRequest;
import dev.lodge.domain.plan.PlanRequest.Nic;
import dev.lodge.domain.plan.PlanRequest.Resolved;
import dev.lodge.domain.plan.SpecDefaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A VirtualMachine from YAML and, as the agent would, what its names stand for. What a test says
 * under {@code resolved} beside spec wins: {@code disks.<name>: {path, format, block, directIo,
 * backing}}, {@code kernel}, {@code initrd}, {@code loader}, {@code seed}, {@code directory},
 * {@code network}, {@code kvm}.
 */
record TestManifest(JsonNode root) {
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  static final String UID = "0b1c6f3e-5d7a-4c1e-9f00-2a4b6c8d0e1f";

  static TestManifest read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TestManifest parse(String yaml) {
    try {
      return new TestManifest(YAML.readTree(yaml));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  VirtualMachineSpec spec() {
    return YAML.convertValue(root.get("spec"), VirtualMachineSpec.class);
  }

  @Nullable Hardware pinned() {
    JsonNode hardware = root.at("/status/hardware");
    return hardware.isMissingNode() ? null : YAML.convertValue(hardware, Hardware.class);
  }

  HostCapabilities host() {
    return root.at("/resolved/kvm").asText("usable").equals("usable")
        ? TestHost.DEBIAN_12.withKvm()
        : TestHost.DEBIAN_12.nested();
  }

  PlanRequest request() {
    return request(host());
  }

  PlanRequest request(HostCapabilities host) {
    return request(
        root.at("/metadata/namespace").asText("default"),
        root.at("/metadata/name").asText("vm"),
        spec(),
        host,
        pinned(),
        root.path("resolved"));
  }

  /** A request as the agent makes it, for a spec that was built by a test. */
  static PlanRequest request(
      String namespace,
      String name,
      VirtualMachineSpec spec,
      HostCapabilities host,
      @Nullable Hardware pinned,
      JsonNode resolved) {
    var files =
        new MachineFiles(resolved.path("directory").asText("/var/lib/lodge/machines/" + UID));
    Map<String, PlanRequest.DiskSource> disks = new LinkedHashMap<>();
    for (Disk disk : SpecDefaults.disks(spec)) {
      if (disk.source() != null) {
        disks.put(disk.name(), source(disk, disk.source(), files, resolved));
      }
    }
    Map<String, Nic> nics = new LinkedHashMap<>();
    for (Interface nic : SpecDefaults.interfaces(spec)) {
      String network = nic.networkRef() == null ? "default" : nic.networkRef().name();
      nics.put(
          nic.name(),
          new Nic(
              resolved.path("network").asText(DomainNames.network(namespace, network)),
              nic.mac() != null
                  ? nic.mac()
                  : "02:" + DomainNames.hash(nic.name(), 10).replaceAll("(..)(?!$)", "$1:"),
              DomainNames.tap(UID, nic.name())));
    }
    return new PlanRequest(
        namespace,
        name,
        UID,
        1,
        spec,
        host,
        pinned,
        new Resolved(
            disks,
            nics,
            resolved.path("seed").asText(files.directory() + "/cloud-init.iso"),
            resolved.path("kernel").asText("/var/lib/lodge/images/kernel"),
            resolved.path("initrd").asText("/var/lib/lodge/images/initrd"),
            resolved.path("loader").asText("/var/lib/lodge/images/loader.rom"),
            files));
  }

  private static PlanRequest.DiskSource source(
      Disk disk, DiskSource source, MachineFiles files, JsonNode resolved) {
    JsonNode said = resolved.path("disks").path(disk.name());
    boolean block = said.path("block").asBoolean(false);
    boolean layer = source.imageRef() != null && disk.device() != Disk.Device.CDROM;
    String own = files.directory() + "/disks/" + disk.name();
    String path =
        said.path("path")
            .asText(
                layer
                    ? own + ".qcow2"
                    : source.imageRef() != null
                        ? "/var/lib/lodge/images/" + source.imageRef().name()
                        : source.hostResourceRef() != null
                            ? "/srv/" + source.hostResourceRef().name()
                            : own + ".raw");
    JsonNode backing = said.path("backing");
    Source below =
        layer || !backing.isMissingNode()
            ? new Source(
                false,
                backing.path("path").asText("/var/lib/lodge/images/base.qcow2"),
                backing.path("format").asText("qcow2"),
                null)
            : null;
    String format =
        said.path("format").asText(layer || disk.format() == Disk.Format.QCOW2 ? "qcow2" : "raw");
    return new PlanRequest.DiskSource(
        new Source(block, path, format, below), said.path("directIo").asBoolean(true));
  }

  static List<Path> cases() {
    try (var folders = Files.list(Path.of("src/test/golden"))) {
      return folders.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
