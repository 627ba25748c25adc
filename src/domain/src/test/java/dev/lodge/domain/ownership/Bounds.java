package dev.lodge.domain.ownership;

import java.util.EnumSet;
import java.util.Set;

/** What a search, or a simulation, may do. */
final class Bounds {
  /** What may go wrong, and what people may do. */
  enum Fault {
    /** An agent's process is killed and starts again. */
    AGENT_KILLED,
    /** A machine loses power and may boot again. */
    POWER,
    /** Somebody sets the taint out-of-service on a machine that is off, and takes it away. */
    TAINT,
    /** QEMU ends by itself. */
    GUEST_DIES,
    /** A node's own entry is lost. */
    ENTRY_LOST,
    /** A write whose sender hears nothing is applied later. */
    LATE_WRITE,
    /** A write, a start or a resume is done, but its sender hears nothing. */
    REPLY_LOST,
    /** A start or a stop fails. */
    HYPERVISOR_FAILS,
    /** The API server does not answer a read, or another process has the host lock. */
    NO_ANSWER,
    /** The slot pod is gone. */
    SLOT_LOST,
    /** Somebody edits whether the VM names the disk. */
    SPEC_EDIT,
    /** The user wants the VM stopped. */
    WISH_STOP,
    /** A second leader decides on old facts and acts later. */
    STALE_LEADER,
    /** A migration is asked for. */
    MIGRATION,
    /** Agents look again without cause. */
    LOOKS_AGAIN
  }

  final Set<Fault> faults = EnumSet.noneOf(Fault.class);

  /** Agent processes by VM and node. */
  int[][] processes = {{1, 1}};

  Rules rules = Rules.ALL;
  long mostEpochs = 3;
  long mostBoots = 1;
  int mostEdits = 1;

  /** VMs name one disk that both could write. */
  boolean disk;

  /** The only VM that an old leader looks at; -1: all. */
  int oldLeaderOf = -1;

  /** Reads follow at once on what raised the doubt. */
  boolean eagerReads = true;

  int vms() {
    return processes.length;
  }

  int nodes() {
    return processes[0].length;
  }

  boolean has(Fault f) {
    return faults.contains(f);
  }

  Bounds with(Fault first, Fault... more) {
    faults.addAll(EnumSet.of(first, more));
    return this;
  }

  Bounds without(Rules.Rule rule) {
    rules = Rules.without(rule);
    return this;
  }

  Bounds processes(int[]... byVmAndNode) {
    processes = byVmAndNode;
    return this;
  }

  Bounds epochs(long most) {
    mostEpochs = most;
    return this;
  }

  Bounds boots(long most) {
    mostBoots = most;
    return this;
  }

  Bounds disk() {
    disk = true;
    return this;
  }

  Bounds oldLeaderOf(int vm) {
    oldLeaderOf = vm;
    return with(Fault.STALE_LEADER);
  }

  Bounds lazyReads() {
    eagerReads = false;
    return this;
  }
}
