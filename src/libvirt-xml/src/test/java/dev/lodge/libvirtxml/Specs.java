package dev.lodge.libvirtxml;

import dev.lodge.api.common.HostResourceRef;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.common.Quantity;
import dev.lodge.api.v1alpha1.virtualmachine.CloudInit;
import dev.lodge.api.v1alpha1.virtualmachine.Consoles;
import dev.lodge.api.v1alpha1.virtualmachine.Consoles.Console;
import dev.lodge.api.v1alpha1.virtualmachine.Cpu;
import dev.lodge.api.v1alpha1.virtualmachine.Devices;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.DiskSource;
import dev.lodge.api.v1alpha1.virtualmachine.FileRef;
import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.api.v1alpha1.virtualmachine.Graphics;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.Machine;
import dev.lodge.api.v1alpha1.virtualmachine.Machine.Toggle;
import dev.lodge.api.v1alpha1.virtualmachine.Memory;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec.HypervisorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.jspecify.annotations.Nullable;

/** Specs of all shapes that the CRD lets through; most of them can be had. */
record Specs(Random random) {
  private static final ObjectRef IMAGE = new ObjectRef("image", null);
  private static final FileRef FILE = new FileRef(IMAGE, null);

  static Arbitrary<VirtualMachineSpec> any() {
    return Arbitraries.randomValue(random -> new Specs(random).spec());
  }

  /** Text on one line that can stand in XML, full of what XML means something by. */
  static Arbitrary<String> printable() {
    return Arbitraries.strings()
        .withChars("<>&\"'[]!-?/ =abcZ09%$;#\u00e4\u20ac\u2028")
        .ofMinLength(1)
        .ofMaxLength(40);
  }

  private VirtualMachineSpec spec() {
    Machine machine = perhaps(0.9, this::machine);
    Machine.Type chipset =
        machine == null || machine.type() == null ? Machine.Type.q35 : machine.type();
    return new VirtualMachineSpec(
        null,
        null,
        perhaps(0.5, () -> one(HypervisorType.values())),
        machine,
        cpu(),
        new Memory(Quantity.mebibytes(2 + random.nextInt(8192))),
        perhaps(0.6, this::firmware),
        disks(chipset),
        perhaps(0.7, this::interfaces),
        perhaps(0.6, () -> new Consoles(perhaps(0.5, Console::new), perhaps(0.5, Console::new))),
        perhaps(0.6, this::graphics),
        perhaps(0.7, this::devices),
        perhaps(0.3, () -> new CloudInit("#cloud-config", null, null, null)),
        null,
        null,
        null,
        null);
  }

  private Machine machine() {
    return new Machine(
        perhaps(0.7, () -> one(Machine.Type.values())),
        perhaps(0.5, () -> one(Machine.Arch.values())),
        perhaps(0.6, () -> one("UTC", "Localtime", "Europe/Berlin", "Etc/GMT+5")),
        new Machine.Features(perhaps(0.5, this::toggle), perhaps(0.2, this::toggle)),
        perhaps(0.5, () -> one(Machine.OnCrash.values())));
  }

  private Cpu cpu() {
    int count = 1 + random.nextInt(4);
    return new Cpu(
        count,
        perhaps(0.5, () -> one("HostModel", "Maximum", "qemu32", "pentium3", "486")),
        perhaps(0.5, () -> one(Cpu.Check.values())),
        perhaps(0.4, this::features),
        perhaps(0.5, () -> new Cpu.Topology(1, count, 1)),
        null);
  }

  private List<Cpu.CpuFeature> features() {
    List<Cpu.CpuFeature> features = new ArrayList<>();
    for (String name : List.of("vmx", "svm", "sse4.2", "arch-capabilities")) {
      if (random.nextBoolean()) {
        features.add(new Cpu.CpuFeature(name, perhaps(0.7, () -> one(Cpu.Policy.values()))));
      }
    }
    return features;
  }

  private Firmware firmware() {
    Firmware.Type type = perhaps(0.6, () -> one(Firmware.Type.values()));
    boolean bios = type == null || type == Firmware.Type.BIOS;
    return new Firmware(
        type,
        type == Firmware.Type.ROM ? FILE : null,
        perhaps(0.3, () -> "6b0c1f3e-5d7a-4c1e-9f00-2a4b6c8d0e1f"),
        perhaps(0.5, this::text),
        bios
            ? perhaps(
                0.5,
                () -> new Firmware.Kernel(FILE, perhaps(0.6, () -> FILE), perhaps(0.7, this::text)))
            : null);
  }

  private List<Disk> disks(Machine.Type chipset) {
    Disk.Bus own = chipset == Machine.Type.pc ? Disk.Bus.IDE : Disk.Bus.SATA;
    List<Disk> disks = new ArrayList<>();
    int count = random.nextInt(7);
    for (int i = 0; i < count; i++) {
      String name = one("a", "b-", "root", "0") + i;
      disks.add(
          random.nextInt(4) == 0
              ? cdrom(name, one(Disk.Bus.SCSI, own, Disk.Bus.USB))
              : disk(
                  name, one(Disk.Bus.Virtio, Disk.Bus.Virtio, Disk.Bus.SCSI, own, Disk.Bus.USB)));
    }
    return disks;
  }

  private Disk cdrom(String name, Disk.Bus bus) {
    return new Disk(
        name,
        Disk.Device.CDROM,
        perhaps(0.7, () -> bus),
        null,
        null,
        perhaps(0.7, () -> new DiskSource(IMAGE, null, null, null)),
        null,
        null,
        perhaps(0.1, () -> one(Disk.Cache.values())),
        null,
        null,
        perhaps(0.3, () -> one(Disk.OnError.values())),
        null,
        null,
        null);
  }

  private Disk disk(String name, Disk.Bus bus) {
    boolean shareable = bus == Disk.Bus.Virtio || bus == Disk.Bus.SCSI;
    return new Disk(
        name,
        perhaps(0.3, () -> Disk.Device.Disk),
        perhaps(0.8, () -> bus),
        null,
        null,
        one(
            new DiskSource(IMAGE, null, null, null),
            new DiskSource(null, new HostResourceRef("disk", null), null, null),
            new DiskSource(null, null, null, new DiskSource.Blank())),
        null,
        perhaps(0.4, () -> one(Disk.Format.values())),
        perhaps(0.3, () -> one(Disk.Cache.values())),
        perhaps(0.2, () -> one(Disk.Io.Threads, Disk.Io.IOURing)),
        perhaps(0.5, () -> one(Disk.Discard.values())),
        perhaps(0.5, () -> one(Disk.OnError.values())),
        perhaps(0.4, () -> one("X", "a_b.c+-9", "01234567890123456789")),
        shareable
            ? perhaps(0.2, () -> Disk.Access.ReadOnly)
            : perhaps(0.02, () -> one(Disk.Access.values())),
        null);
  }

  private List<Interface> interfaces() {
    List<Interface> nics = new ArrayList<>();
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      nics.add(
          new Interface(
              one("lan", "x-y", "1") + i,
              null,
              perhaps(0.6, () -> one(Interface.Model.values())),
              perhaps(0.3, () -> "52:54:00:12:34:56"),
              null,
              perhaps(0.4, () -> one(Interface.LinkState.values())),
              null));
    }
    return nics;
  }

  private Graphics graphics() {
    return new Graphics(
        perhaps(0.7, () -> one(Graphics.Type.values())), perhaps(0.5, () -> one("de", "en-us")));
  }

  private Devices devices() {
    return new Devices(
        perhaps(0.7, this::toggle),
        perhaps(0.7, this::toggle),
        perhaps(
            0.7,
            () -> new Devices.Watchdog(perhaps(0.7, () -> one(Devices.Watchdog.Action.values())))),
        perhaps(0.7, this::toggle),
        perhaps(0.5, () -> one(Devices.Video.values())),
        perhaps(0.2, this::toggle));
  }

  private String text() {
    String alphabet = "<>&\"'[]!-?/ =abcZ09%$;#\u00e4\u20ac";
    var text = new StringBuilder("x");
    for (int i = random.nextInt(30); i > 0; i--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  private Toggle toggle() {
    return one(Toggle.values());
  }

  @SafeVarargs
  private <T> T one(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private <T> @Nullable T perhaps(double probability, Supplier<T> value) {
    return random.nextDouble() < probability ? value.get() : null;
  }
}
