package dev.lodge.agent.libvirt;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.hypervisor.HostCapabilities.Kvm;
import dev.lodge.libvirtxml.CapabilitiesReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the host can do: libvirt's answers, and what libvirt does not say of KVM. */
final class HostFacts {
  private static final Pattern UUID = Pattern.compile("<uuid>([0-9a-f-]{36})</uuid>");
  private static final Pattern MEMORY =
      Pattern.compile("^MemTotal:\\s+(\\d+) kB", Pattern.MULTILINE);

  private HostFacts() {}

  static HostCapabilities read(NativeConnection c) throws LibvirtError {
    String xml =
        LibvirtNative.take(
            LibvirtError.check(LibvirtNative.VIRT.virConnectGetCapabilities(c.handle())));
    Matcher uuid = UUID.matcher(xml);
    return new HostCapabilities(
        LibvirtNative.take(
            LibvirtError.check(LibvirtNative.VIRT.virConnectGetHostname(c.handle()))),
        uuid.find() ? uuid.group(1) : "",
        memoryKib(),
        Runtime.getRuntime().availableProcessors(),
        version(c, LibvirtNative.VIRT::virConnectGetLibVersion),
        version(c, LibvirtNative.VIRT::virConnectGetVersion),
        kvm(Path.of("/dev/kvm"), Path.of("/proc/cpuinfo")),
        CapabilitiesReader.read(
            xml,
            (emulator, arch, machine, way) -> domainCapabilities(c, emulator, arch, machine, way)));
  }

  /** A guest kind that libvirt cannot describe is one that the host has not. */
  private static Optional<String> domainCapabilities(
      NativeConnection c, String emulator, String arch, String machine, String way) {
    Pointer xml =
        LibvirtNative.VIRT.virConnectGetDomainCapabilities(
            c.handle(), emulator, arch, machine, way, 0);
    return xml == null ? Optional.empty() : Optional.of(LibvirtNative.take(xml));
  }

  /**
   * libvirt offers KVM wherever the device is there. Nested under a hypervisor that does not pass
   * the CPU's virtualization on, the device opens and stock kernels hang.
   */
  static Kvm kvm(Path device, Path cpuinfo) {
    if (!Files.exists(device)) {
      return new Kvm(
          false,
          false,
          device
              + " does not exist: the CPU's virtualization is off in the firmware, the kvm module"
              + " is not loaded, or this is a virtual machine without nesting");
    }
    try (RandomAccessFile open = new RandomAccessFile(device.toFile(), "rw")) {
      open.getFD();
    } catch (IOException e) {
      return new Kvm(false, false, device + " does not open: " + e.getMessage());
    }
    if (onlyForRoot(device)) {
      return new Kvm(
          true,
          false,
          device
              + " opens for root alone, but QEMU runs as another user: chown root:kvm and chmod 660"
              + " would mend it");
    }
    return virtualization(cpuinfo)
        .map(flag -> new Kvm(true, true, device + " opens and the CPU reports " + flag))
        .orElseGet(
            () ->
                new Kvm(
                    true,
                    false,
                    device
                        + " opens, but the CPU reports neither vmx nor svm: this host is itself"
                        + " virtual, and stock kernels may hang under its KVM"));
  }

  /** vmx or svm, if the CPU reports one. */
  private static Optional<String> virtualization(Path cpuinfo) {
    return text(cpuinfo)
        .lines()
        .filter(l -> l.startsWith("flags"))
        .limit(1)
        .flatMap(l -> Stream.of(l.split("\\s+")))
        .filter(f -> f.equals("vmx") || f.equals("svm"))
        .findFirst();
  }

  /** The group counts unless it is root's. */
  private static boolean onlyForRoot(Path device) {
    try {
      int mode = (int) Files.getAttribute(device, "unix:mode");
      int group = (int) Files.getAttribute(device, "unix:gid");
      boolean forOthers = (mode & 0006) == 0006;
      boolean forGroup = (mode & 0060) == 0060 && group != 0;
      return !forOthers && !forGroup;
    } catch (IOException e) {
      return false;
    }
  }

  private static long memoryKib() {
    Matcher m = MEMORY.matcher(text(Path.of("/proc/meminfo")));
    return m.find() ? Long.parseLong(m.group(1)) : 0;
  }

  private interface Version {
    int get(org.libvirt.jna.ConnectionPointer c, LongByReference version);
  }

  /** libvirt packs 9.0.0 as 9000000. */
  private static String version(NativeConnection c, Version of) throws LibvirtError {
    LongByReference version = new LongByReference();
    LibvirtError.check(of.get(c.handle(), version));
    long v = version.getValue();
    return "%d.%d.%d".formatted(v / 1_000_000, v / 1000 % 1000, v % 1000);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
