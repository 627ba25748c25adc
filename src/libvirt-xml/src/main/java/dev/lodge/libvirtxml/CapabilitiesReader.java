package dev.lodge.libvirtxml;

import dev.lodge.domain.hypervisor.HostCapabilities.CpuModel;
import dev.lodge.domain.hypervisor.HostCapabilities.Guest;
import dev.lodge.domain.hypervisor.HostCapabilities.MachineType;
import dev.lodge.domain.hypervisor.HostCapabilities.Uefi;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Reads what a host can run. */
public final class CapabilitiesReader {
  /** Architectures that a spec can name. */
  private static final List<String> ARCHITECTURES = List.of("x86_64", "i686");

  private static final List<String> WAYS = List.of("kvm", "qemu");

  private CapabilitiesReader() {}

  /** Asks for the domain capabilities of one emulator; virConnectGetDomainCapabilities. */
  @FunctionalInterface
  public interface DomainCapabilities {
    /** The XML, or empty if the host cannot do this. */
    Optional<String> xml(String emulator, String arch, String machine, String virtType);
  }

  /**
   * The guest kinds, x86_64 first and KVM before emulation.
   *
   * @param capabilities virConnectGetCapabilities' answer
   * @param domains asked at most once for each kind
   * @throws IllegalArgumentException if an answer is no such XML
   */
  public static List<Guest> read(String capabilities, DomainCapabilities domains) {
    XmlTree root = XmlTree.parse(capabilities, "capabilities");
    List<Guest> guests = new ArrayList<>();
    for (String wanted : ARCHITECTURES) {
      for (String way : WAYS) {
        root.children("guest")
            .filter(g -> g.child("os_type").map(XmlTree::text).orElse("").equals("hvm"))
            .flatMap(g -> g.children("arch"))
            .filter(a -> a.attribute("name").orElse("").equals(wanted))
            .filter(a -> a.children("domain").anyMatch(d -> is(d, "type", way)))
            .findFirst()
            .flatMap(a -> guest(a, wanted, way, domains))
            .ifPresent(guests::add);
      }
    }
    return guests;
  }

  private static Optional<Guest> guest(
      XmlTree arch, String name, String way, DomainCapabilities domains) {
    List<MachineType> machines = machines(arch, way);
    Optional<String> probe = probe(machines);
    String emulator = emulator(arch, way);
    return probe
        .flatMap(machine -> domains.xml(emulator, name, machine, way))
        .map(xml -> XmlTree.parse(xml, "domainCapabilities"))
        .map(
            found ->
                new Guest(
                    name,
                    way.toUpperCase(Locale.ROOT),
                    emulator,
                    machines,
                    models(found),
                    mode(found, "host-passthrough"),
                    mode(found, "host-model"),
                    mode(found, "maximum"),
                    uefi(found).orElse(null)));
  }

  /** A way of execution may have an emulator and machines of its own. */
  private static String emulator(XmlTree arch, String way) {
    return own(arch, way)
        .flatMap(d -> d.child("emulator"))
        .or(() -> arch.child("emulator"))
        .map(XmlTree::text)
        .orElse("");
  }

  private static List<MachineType> machines(XmlTree arch, String way) {
    XmlTree source = own(arch, way).filter(d -> d.child("machine").isPresent()).orElse(arch);
    return source
        .children("machine")
        .map(
            m ->
                new MachineType(
                    m.text(),
                    m.attribute("canonical").orElse(m.text()),
                    m.attribute("maxCpus").map(Integer::parseInt).orElse(1)))
        .toList();
  }

  private static Optional<XmlTree> own(XmlTree arch, String way) {
    return arch.children("domain").filter(d -> is(d, "type", way)).findFirst();
  }

  private static Optional<String> probe(List<MachineType> machines) {
    return Stream.of("q35", "pc")
        .filter(alias -> machines.stream().anyMatch(m -> m.name().equals(alias)))
        .findFirst()
        .or(() -> machines.stream().map(MachineType::name).findFirst());
  }

  private static boolean mode(XmlTree root, String mode) {
    return root.at("cpu").stream()
        .flatMap(c -> c.children("mode"))
        .anyMatch(m -> is(m, "name", mode) && is(m, "supported", "yes"));
  }

  private static List<CpuModel> models(XmlTree root) {
    return root.at("cpu").stream()
        .flatMap(c -> c.children("mode"))
        .filter(m -> is(m, "name", "custom"))
        .flatMap(m -> m.children("model"))
        .map(m -> new CpuModel(m.text(), is(m, "usable", "yes")))
        .sorted(Comparator.comparing(CpuModel::usable).reversed().thenComparing(CpuModel::name))
        .toList();
  }

  /** OVMF without secure boot and without keys; the newer images of 4 MiB first. */
  private static Optional<Uefi> uefi(XmlTree root) {
    Predicate<String> plain =
        path -> !path.contains("secboot") && !path.contains(".ms.") && !path.contains("snakeoil");
    return root.at("os", "loader").stream()
        .flatMap(l -> l.children("value"))
        .map(XmlTree::text)
        .filter(plain)
        .sorted(Comparator.comparing(path -> !path.toUpperCase(Locale.ROOT).contains("4M")))
        .flatMap(path -> template(path).map(t -> new Uefi(path, t)).stream())
        .findFirst();
  }

  /** Distributions put code and variables side by side, under names that differ in one word. */
  private static Optional<String> template(String loader) {
    int name = loader.lastIndexOf('/') + 1;
    String file = loader.substring(name);
    String vars = file.replace("CODE", "VARS").replace("code", "vars");
    return vars.equals(file) ? Optional.empty() : Optional.of(loader.substring(0, name) + vars);
  }

  private static boolean is(XmlTree element, String attribute, String value) {
    return element.attribute(attribute).orElse("").equals(value);
  }
}
