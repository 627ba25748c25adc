package dev.lodge.testkit.plan;

import dev.lodge.domain.machine.BootPlan;
import dev.lodge.domain.machine.ClockPlan;
import dev.lodge.domain.machine.CpuPlan;
import dev.lodge.domain.machine.DeviceAddress;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.DomainNames;
import dev.lodge.domain.machine.MachineFiles;
import dev.lodge.domain.machine.MachineIdentity;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.machine.MachinePlan.CrashAction;
import dev.lodge.domain.machine.MachinePlan.Virtualization;
import dev.lodge.domain.machine.NetworkPlan;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Builds machine plans. {@link #tiny} and {@link #mini} are complete as they are; each method
 * changes one thing.
 */
public final class Plans {
  /** The files of the tests' machines lie below this directory unless {@link #files} says. */
  public static final String FILES = "/var/lib/lodge-test/machines";

  private MachineIdentity identity;
  private Virtualization virtualization = Virtualization.KVM;
  private String arch = "i686";
  private String machineType = "pc-i440fx-7.2";
  private String emulator = "/usr/bin/qemu-system-i386";
  private long memoryKib = 2048;
  private CpuPlan cpu = custom("qemu32");
  private BootPlan boot = new BootPlan.Rom("/var/lib/lodge-test/tinyrom.bin");
  private boolean acpi;
  private CrashAction onCrash = CrashAction.RESTART;
  private String directory;
  private final List<DevicePlan.Console.Kind> consoles = new ArrayList<>();
  private final List<DevicePlan> devices = new ArrayList<>();

  private Plans(MachineIdentity identity) {
    this.identity = identity;
    this.directory = FILES + "/" + identity.uid();
  }

  /**
   * The tiny firmware guest: i686 under KVM, 2 MiB, one serial console, no ACPI.
   *
   * @param name in the namespace {@code test}; the UID is made from it
   */
  public static Plans tiny(String name) {
    Plans p = new Plans(identity(name));
    p.consoles.add(DevicePlan.Console.Kind.SERIAL);
    return p;
  }

  /**
   * The mini Linux guest under emulation: 128 MiB, a serial and a virtio console, ACPI.
   *
   * @param guests the directory with {@code mini/vmlinux} and {@code mini/initrd.img}
   */
  public static Plans mini(String name, String guests) {
    Plans p = new Plans(identity(name));
    p.virtualization = Virtualization.QEMU;
    p.arch = "x86_64";
    p.emulator = "/usr/bin/qemu-system-x86_64";
    p.memoryKib = 128 << 10;
    p.cpu = custom("qemu64");
    p.acpi = true;
    p.boot =
        new BootPlan.Kernel(
            guests + "/mini/vmlinux",
            guests + "/mini/initrd.img",
            "console=ttyS0 mitigations=off no_timer_check nokaslr tsc=reliable audit=0"
                + " 8250.nr_uarts=1");
    p.consoles.add(DevicePlan.Console.Kind.SERIAL);
    p.consoles.add(DevicePlan.Console.Kind.VIRTIO);
    return p;
  }

  /** The identity that a name gives: namespace {@code test}, epoch 1, a UID made from the name. */
  public static MachineIdentity identity(String name) {
    String uid = uid("machine/" + name);
    return new MachineIdentity("test", name, uid, DomainNames.domain("test", name), uid, 1);
  }

  /** A network of that name: 10.20.{@code third}.0/24 with these static leases. */
  public static NetworkPlan network(String name, int third, List<NetworkPlan.Host> hosts) {
    return new NetworkPlan(
        DomainNames.network("test", name),
        uid("network/" + name),
        uid("network/" + name),
        DomainNames.bridge("test", name),
        "10.20." + third + ".1",
        24,
        "vm.test",
        hosts);
  }

  private static String uid(String of) {
    return UUID.nameUUIDFromBytes(of.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static CpuPlan custom(String model) {
    return new CpuPlan(1, CpuPlan.Mode.CUSTOM, model, "none", List.of(), null);
  }

  /** Boots this ROM image. */
  public Plans rom(String path) {
    boot = new BootPlan.Rom(path);
    return this;
  }

  /** Boots so. */
  public Plans boot(BootPlan how) {
    boot = how;
    return this;
  }

  /** Executes the guest so. */
  public Plans virtualization(Virtualization how) {
    virtualization = how;
    return this;
  }

  /** A machine of this architecture with this emulator. */
  public Plans arch(String name, String path) {
    arch = name;
    emulator = path;
    return this;
  }

  /** A CPU of this model. */
  public Plans cpu(String model) {
    cpu = custom(model);
    return this;
  }

  /** Memory in KiB. */
  public Plans memoryKib(long kib) {
    memoryKib = kib;
    return this;
  }

  /** Another UUID than its UID. */
  public Plans uuid(String uuid) {
    identity =
        new MachineIdentity(
            identity.namespace(),
            identity.name(),
            identity.uid(),
            identity.domainName(),
            uuid,
            identity.epoch());
    return this;
  }

  /** With ACPI, so that there is a power button. */
  public Plans acpi() {
    acpi = true;
    return this;
  }

  /** What a panic does. */
  public Plans onCrash(CrashAction action) {
    onCrash = action;
    return this;
  }

  /** Where the machine's files lie. */
  public Plans files(String dir) {
    directory = dir;
    return this;
  }

  /** Without any console, so that no file of the host is needed. */
  public Plans noConsole() {
    consoles.clear();
    return this;
  }

  /** One device more, after those that are there. */
  public Plans with(DevicePlan device) {
    devices.add(device);
    return this;
  }

  /** A CD-ROM drive, empty if the path is null; on the first IDE place. */
  public Plans cdrom(String name, @Nullable String path) {
    return with(cdromDrive(name, path));
  }

  /** The drive that {@link #cdrom} adds. */
  public static DevicePlan.Disk cdromDrive(String name, @Nullable String path) {
    return new DevicePlan.Disk(
        "disk/" + name,
        DevicePlan.Disk.Device.CDROM,
        DevicePlan.Disk.Bus.IDE,
        "hda",
        path == null ? null : new DevicePlan.Disk.Source(false, path, "raw", null),
        "none",
        null,
        "ignore",
        "stop",
        true,
        false,
        null,
        null,
        null,
        new DeviceAddress.Drive(0, 0, 0, 0));
  }

  /** An interface on a libvirt network, e1000 in slot 3. */
  public Plans nic(String name, String network, String mac) {
    return with(nic(identity, name, network, mac, true));
  }

  /** The interface that {@link #nic(String, String, String)} adds. */
  public static DevicePlan.Interface nic(
      MachineIdentity of, String name, String network, String mac, boolean linkUp) {
    return new DevicePlan.Interface(
        "interface/" + name,
        mac,
        network,
        "e1000",
        DomainNames.tap(of.uid(), name),
        linkUp,
        null,
        new DeviceAddress.Pci(0, 0, 3, 0));
  }

  /** The plan. */
  public MachinePlan plan() {
    MachineFiles files = new MachineFiles(directory);
    List<DevicePlan> all = new ArrayList<>();
    all.add(new DevicePlan.Controller("controller/pci", "pci", 0, "pci-root", null));
    all.add(new DevicePlan.Controller("controller/usb", "usb", 0, "none", null));
    if (consoles.contains(DevicePlan.Console.Kind.VIRTIO)) {
      all.add(
          new DevicePlan.Controller(
              "controller/virtio-serial",
              "virtio-serial",
              0,
              null,
              new DeviceAddress.Pci(0, 0, 4, 0)));
    }
    for (DevicePlan.Console.Kind kind : consoles) {
      String name = kind == DevicePlan.Console.Kind.SERIAL ? "console/serial" : "console/virtio";
      all.add(
          new DevicePlan.Console(
              name,
              kind,
              files.log(kind),
              files.socket(kind),
              kind == DevicePlan.Console.Kind.SERIAL
                  ? null
                  : new DeviceAddress.VirtioSerial(0, 0, 0)));
    }
    all.addAll(devices);
    all.add(new DevicePlan.Balloon("balloon", false, null));
    return new MachinePlan(
        identity,
        virtualization,
        arch,
        machineType,
        emulator,
        memoryKib,
        virtualization == Virtualization.QEMU ? 16 : 0,
        cpu,
        boot,
        acpi,
        true,
        new ClockPlan.Utc(),
        onCrash,
        null,
        List.copyOf(all));
  }
}
