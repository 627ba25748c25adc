package dev.lodge.domain.plan;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.Interface;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.Hardware;
import dev.lodge.domain.hypervisor.HostCapabilities;
import dev.lodge.domain.hypervisor.HostCapabilities.CpuModel;
import dev.lodge.domain.hypervisor.HostCapabilities.Guest;
import dev.lodge.domain.hypervisor.HostCapabilities.Kvm;
import dev.lodge.domain.hypervisor.HostCapabilities.MachineType;
import dev.lodge.domain.hypervisor.HostCapabilities.Uefi;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachineFiles;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.domain.plan.PlanResult.Planned;
import dev.lodge.domain.plan.PlanResult.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A small host, and specs in JSON on it. */
record PlanFixture(HostCapabilities host, boolean directIo, @Nullable Hardware pinned) {
  static final String UID = "0b1c6f3e-5d7a-4c1e-9f00-2a4b6c8d0e1f";
  static final PlanFixture KVM = with(new Kvm(true, true, "the CPU has svm"));
  static final PlanFixture NESTED =
      with(new Kvm(true, false, "the CPU reports neither vmx nor svm"));
  static final PlanFixture WITHOUT = with(new Kvm(false, false, "there is no /dev/kvm"));

  static PlanFixture with(Kvm kvm) {
    return new PlanFixture(
        new HostCapabilities(
            "node-a",
            "h",
            1 << 22,
            2,
            "9.0.0",
            "7.2.0",
            kvm,
            List.of(
                guest("x86_64", "KVM", true),
                guest("x86_64", "QEMU", false),
                guest("i686", "QEMU", false))),
        true,
        null);
  }

  private static Guest guest(String arch, String virtualization, boolean kvm) {
    return new Guest(
        arch,
        virtualization,
        "/usr/bin/qemu-system-" + arch,
        List.of(
            new MachineType("pc-i440fx-7.2", "pc-i440fx-7.2", 255),
            new MachineType("pc", "pc-i440fx-7.2", 255),
            new MachineType("pc-q35-7.2", "pc-q35-7.2", 288),
            new MachineType("q35", "pc-q35-7.2", 288),
            new MachineType("pc-q35-6.2", "pc-q35-6.2", 288)),
        List.of(new CpuModel("qemu64", true), new CpuModel("EPYC", false)),
        kvm,
        kvm,
        true,
        arch.equals("x86_64") ? new Uefi("/fw/CODE.fd", "/fw/VARS.fd") : null);
  }

  PlanFixture withoutDirectIo() {
    return new PlanFixture(host, false, pinned);
  }

  PlanFixture pinnedTo(@Nullable Hardware hardware) {
    return new PlanFixture(host, directIo, hardware);
  }

  static VirtualMachineSpec spec(String more) {
    String json = "{\"cpu\":{\"count\":1},\"memory\":{\"size\":\"1Gi\"}" + more + "}";
    try {
      return new JsonMapper().readValue(json.replace('\'', '"'), VirtualMachineSpec.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  PlanResult result(VirtualMachineSpec spec) {
    Map<String, PlanRequest.DiskSource> disks = new LinkedHashMap<>();
    for (Disk disk : SpecDefaults.disks(spec)) {
      if (disk.source() != null) {
        String format = disk.format() == Disk.Format.QCOW2 ? "qcow2" : "raw";
        disks.put(
            disk.name(),
            new PlanRequest.DiskSource(
                new DevicePlan.Disk.Source(false, "/d/" + disk.name(), format, null), directIo));
      }
    }
    Map<String, PlanRequest.Nic> nics = new LinkedHashMap<>();
    for (Interface nic : SpecDefaults.interfaces(spec)) {
      nics.put(nic.name(), new PlanRequest.Nic("lodge-1", "52:00:00:00:00:01", "lt1"));
    }
    return new MachinePlanner()
        .plan(
            new PlanRequest(
                "default",
                "vm",
                UID,
                3,
                spec,
                host,
                pinned,
                new PlanRequest.Resolved(
                    disks, nics, "/seed.iso", "/k", "/i", "/rom", new MachineFiles("/vm"))));
  }

  MachinePlan plan(String more) {
    PlanResult result = result(spec(more));
    if (result instanceof Planned planned) {
      return planned.plan();
    }
    throw new AssertionError(((Refused) result).text());
  }

  List<Problem> problems(String more) {
    return result(spec(more)) instanceof Refused refused ? refused.problems() : List.of();
  }

  List<String> remarks(String more) {
    return result(spec(more)) instanceof Planned planned ? planned.remarks() : List.of();
  }

  static DevicePlan.Disk disk(MachinePlan plan, String name) {
    return plan.devices(DevicePlan.Disk.class).stream()
        .filter(d -> d.name().equals("disk/" + name))
        .findFirst()
        .orElseThrow();
  }
}
