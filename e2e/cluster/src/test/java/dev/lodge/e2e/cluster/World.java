package dev.lodge.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A namespace with what the VMs of a test need; closing it deletes all and waits until it is gone.
 */
final class World implements AutoCloseable {
  static final String GUESTS = "/var/lib/lodge-demo/guests";
  private static final Kubectl ADMIN = Kubectl.admin();

  final String namespace;

  private World(String namespace) {
    this.namespace = namespace;
  }

  /** A namespace of this name with a number, as the one before may still be on its way out. */
  static World of(String theme) {
    Bed.required();
    String namespace = theme + "-" + Long.toString(System.nanoTime(), 36);
    ADMIN
        .apply(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: %1$s, labels: {pod-security.kubernetes.io/enforce: restricted}}
            ---
            apiVersion: lodge.dev/v1alpha1
            kind: HostResource
            metadata: {name: guests}
            spec: {type: Directory, path: %2$s, access: ReadOnly}
            ---
            apiVersion: lodge.dev/v1alpha1
            kind: VmImage
            metadata: {name: tinyrom, namespace: %1$s}
            spec: {source: {hostResourceRef: {name: guests, path: tinyrom.bin}}, format: ROM}
            ---
            apiVersion: lodge.dev/v1alpha1
            kind: VmImage
            metadata: {name: kernel, namespace: %1$s}
            spec: {source: {hostResourceRef: {name: guests, path: mini/vmlinux}}, format: Kernel}
            ---
            apiVersion: lodge.dev/v1alpha1
            kind: VmImage
            metadata: {name: initrd, namespace: %1$s}
            spec: {source: {hostResourceRef: {name: guests, path: mini/initrd.img}}, format: Initrd}
            """
                .formatted(namespace, GUESTS))
        .ok();
    return new World(namespace);
  }

  /** The tiny firmware guest under real KVM: runs within a second, ticks, obeys nothing. */
  static String tiny(String name, String more) {
    return """
        apiVersion: lodge.dev/v1alpha1
        kind: VirtualMachine
        metadata: {name: %s}
        spec:
          hypervisor: KVM
          machine: {type: pc, arch: i686}
          cpu: {count: 1, model: qemu32, check: None, request: 10m}
          memory: {size: 2Mi}
          firmware: {type: ROM, loaderRef: {imageRef: {name: tinyrom}}}
          graphics: {type: None}
          consoles: {serial: {}}
          devices: {rng: Disabled, balloon: Disabled, watchdog: {action: None}, guestAgent: Disabled, usb: Disabled}
          stop: {gracePeriodSeconds: 0}
        %s
        """
        .formatted(name, more.indent(2).stripTrailing());
  }

  /** The mini Linux under emulation: DHCP, power button. */
  static String mini(String name, String more) {
    return """
        apiVersion: lodge.dev/v1alpha1
        kind: VirtualMachine
        metadata: {name: %s}
        spec:
          hypervisor: QEMU
          cpu: {count: 1, request: 50m}
          memory: {size: 128Mi}
          firmware:
            kernel:
              kernelRef: {imageRef: {name: kernel}}
              initrdRef: {imageRef: {name: initrd}}
              cmdline: console=hvc0 mitigations=off no_timer_check nokaslr tsc=reliable audit=0
          graphics: {type: None}
          stop: {gracePeriodSeconds: 20}
        %s
        """
        .formatted(name, more.indent(2).stripTrailing());
  }

  Vm apply(String manifest) {
    Shell.Result r =
        Shell.run(manifest, List.of("kubectl", "-n", namespace, "apply", "-o", "json", "-f", "-"))
            .ok();
    return new Vm(namespace, Kubectl.parse(r.out()).at("/metadata/name").asText());
  }

  Shell.Result tryApply(String manifest) {
    return Shell.run(manifest, List.of("kubectl", "-n", namespace, "apply", "-f", "-"));
  }

  static List<String> nodes() {
    return ADMIN.list("", "nodes").stream()
        .map(n -> n.at("/metadata/name").asText())
        .filter(n -> n.startsWith("node"))
        .toList();
  }

  @Override
  public void close() {
    for (JsonNode vm : ADMIN.list(namespace, "vm")) {
      new Vm(namespace, vm.at("/metadata/name").asText()).delete();
    }
    Await.until(
        "no VM in " + namespace,
        Vm.SOON.multipliedBy(2),
        () -> ADMIN.list(namespace, "vm").isEmpty());
    ADMIN.run("delete", "namespace", namespace, "--wait=false", "--ignore-not-found").ok();
  }
}
