package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.libvirtxml.DomainXml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the port costs on real QEMU; run by hand: {@code PortBench pairs N | list N | loops N}.
 * Pairs: a start through the port against {@code virsh create} of the very XML, in turns.
 */
final class PortBench {
  private PortBench() {}

  public static void main(String[] args) throws Exception {
    RealHost host = RealHost.orSkip();
    int n = Integer.parseInt(args[1]);
    try (LibvirtHypervisor libvirt =
        new LibvirtHypervisor(LibvirtConfig.of(host.uri()), CallObserver.NONE)) {
      if (!libvirt.awaitConnection(Duration.ofSeconds(60))) {
        throw new IllegalStateException("no libvirtd");
      }
      switch (args[0]) {
        case "pairs" -> pairs(host, libvirt, n);
        case "list" -> list(host, libvirt, n);
        case "loops" -> loops(host, libvirt, n);
        default -> throw new IllegalArgumentException(args[0]);
      }
    }
    host.close();
    Runtime.getRuntime().halt(0);
  }

  private static void pairs(RealHost host, LibvirtHypervisor libvirt, int n) throws Exception {
    MachinePlan plan = host.tiny("bench").plan();
    Path xml = Files.writeString(host.files().resolve("bench.xml"), DomainXml.render(plan));
    List<Double> port = new ArrayList<>();
    List<Double> virsh = new ArrayList<>();
    List<Double> validated = new ArrayList<>();
    for (int i = -3; i < n; i++) {
      long t = System.nanoTime();
      DomainState state = libvirt.start(plan);
      note(port, i, t);
      libvirt.destroy(state.id());
      t = System.nanoTime();
      virsh(host, "create", xml.toString());
      note(virsh, i, t);
      libvirt.destroy(state.id());
      t = System.nanoTime();
      virsh(host, "create", "--validate", xml.toString());
      note(validated, i, t);
      libvirt.destroy(state.id());
    }
    System.out.printf(
        "median (least) of %d: start through the port %.1f (%.1f) ms, virsh create %.1f (%.1f) ms,"
            + " ratio %.2f; virsh create --validate %.1f (%.1f) ms%n",
        n,
        median(port),
        Collections.min(port),
        median(virsh),
        Collections.min(virsh),
        median(port) / median(virsh),
        median(validated),
        Collections.min(validated));
  }

  private static void list(RealHost host, LibvirtHypervisor libvirt, int n) {
    List<DomainId> ids = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      ids.add(libvirt.start(host.tiny("bench-" + i).plan()).id());
    }
    List<Double> warm = new ArrayList<>();
    List<Double> cold = new ArrayList<>();
    for (int i = -20; i < 100; i++) {
      long t = System.nanoTime();
      libvirt.list();
      note(warm, i, t);
    }
    for (int i = 0; i < 5; i++) {
      try (LibvirtHypervisor other =
          new LibvirtHypervisor(LibvirtConfig.of(host.uri()), CallObserver.NONE)) {
        if (other.awaitConnection(Duration.ofSeconds(10))) {
          long t = System.nanoTime();
          other.list();
          note(cold, i, t);
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    ids.forEach(libvirt::destroy);
    System.out.printf(
        "list of %d: %.1f ms, the first one after a start of the agent %.1f ms%n",
        n, median(warm), median(cold));
  }

  private static void loops(RealHost host, LibvirtHypervisor libvirt, int n) {
    for (int i = 0; i <= n; i++) {
      if (i == 10 || i % 100 == 0) {
        System.gc();
        System.out.printf("after %d starts and stops: %s, RSS %s%n", i, Resources.now(), rss());
      }
      MachinePlan plan = host.tiny("loop-" + i).plan();
      DomainState state = libvirt.start(plan);
      DevicePlan.Console console = plan.devices(DevicePlan.Console.class).getFirst();
      try (var keyboard = libvirt.openConsole(state.id(), console)) {
        keyboard.send(new byte[] {'x'});
      }
      libvirt.destroy(state.id());
    }
  }

  private static void note(List<Double> to, int round, long begin) {
    if (round >= 0) {
      to.add((System.nanoTime() - begin) / 1e6);
    }
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private static String rss() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(l -> l.startsWith("VmRSS"))
          .findFirst()
          .orElse("?")
          .replaceAll("\\s+", " ");
    } catch (IOException e) {
      return "?";
    }
  }

  private static void virsh(RealHost host, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("virsh", "-q", "-c", host.uri()));
    command.addAll(List.of(args));
    Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(p.getInputStream().readAllBytes());
    if (p.waitFor() != 0) {
      throw new IllegalStateException(said);
    }
  }
}
