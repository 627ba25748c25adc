package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.BlockDevices;
import dev.lodge.agent.hostfile.FileId;
import dev.lodge.agent.image.Trees;
import dev.lodge.agent.storage.ResolvedDisk.Use;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * No two VMs of this host write one disk, whatever they call it. Disks are known by number. Between
 * VMs of this agent the claims in memory decide; against everybody else a lock file per disk (two
 * agents, each before its QEMU has opened it), the open files of every QEMU (virsh, other tools, an
 * agent that died) and what the host itself does with it: mounts, swap, RAID, LVM.
 *
 * <p>Only disks that others can name are looked at outside; what Lodge made for one VM nobody else
 * can name.
 */
public final class DiskLocks implements AutoCloseable {
  private final Path directory;
  private final BlockTopology topology;
  private final OpenDisks openDisks;
  private final Predicate<Path> claimedByKernel;
  private final Map<String, List<Claim>> claims = new LinkedHashMap<>();

  /** One channel a file, because closing any of a process's channels drops all its locks. */
  private final Map<FileId, FileChannel> locks = new LinkedHashMap<>();

  /** One disk of one VM, with all that a write to it reaches. */
  private record Claim(String holder, String disk, FileId id, Set<FileId> below, Use use) {

    boolean conflicts(Claim other) {
      boolean exclusive = use == Use.WRITE || other.use == Use.WRITE;
      return exclusive && (below.contains(other.id) || other.below.contains(id));
    }
  }

  /**
   * Why a VM may not have its disks.
   *
   * @param message with the mend
   */
  public record Conflict(String disk, String message) {}

  /**
   * @param directory of the lock files; the same for all agents of the host, e.g. {@code
   *     /run/lodge/disks}
   */
  public DiskLocks(Path directory) throws IOException {
    this(directory, BlockTopology.HOST, OpenDisks.HOST, BlockDevices::claimed);
  }

  DiskLocks(
      Path directory, BlockTopology topology, OpenDisks openDisks, Predicate<Path> claimedByKernel)
      throws IOException {
    this.directory = Trees.make(directory, Trees.PRIVATE);
    this.topology = topology;
    this.openDisks = openDisks;
    this.claimedByKernel = claimedByKernel;
  }

  /**
   * Claims all disks of a VM before its start, or none. What it had claimed before is let go first.
   *
   * @param holder for messages: {@code <namespace>/<name>}
   */
  public synchronized Optional<Conflict> claim(
      String uid, String holder, Collection<ResolvedDisk> disks) throws IOException {
    release(uid);
    List<Claim> wanted = new ArrayList<>();
    Optional<Conflict> conflict = Optional.empty();
    try {
      for (ResolvedDisk disk : disks) {
        var claim =
            new Claim(
                holder,
                disk.name(),
                disk.id(),
                disk.nameable() ? topology.below(disk.id()) : Set.of(disk.id()),
                disk.use());
        conflict = conflict(claim, wanted, disk);
        if (conflict.isPresent()) {
          return conflict;
        }
        wanted.add(claim);
      }
      claims.put(uid, wanted);
      return conflict;
    } finally {
      dropLocks();
    }
  }

  /**
   * Takes over the disks of a VM that runs already, as its QEMU has them open; never refused. To be
   * called for each when the agent starts, before the first claim. It takes no lock: others see
   * what its QEMU has open.
   *
   * @param shared some disk of it has {@code access: Shared}
   */
  public synchronized void adopt(String uid, String holder, long pid, boolean shared)
      throws IOException {
    release(uid);
    List<Claim> held = new ArrayList<>();
    for (FileId id : openDisks.writtenBy(pid)) {
      var claim =
          new Claim(
              holder, id.toString(), id, topology.below(id), shared ? Use.SHARED_WRITE : Use.WRITE);
      held.add(claim);
    }
    claims.put(uid, held);
  }

  /** Lets go of all disks of a VM. To be called when QEMU is gone. */
  public synchronized void release(String uid) throws IOException {
    claims.remove(uid);
    dropLocks();
  }

  private Optional<Conflict> conflict(Claim claim, List<Claim> same, ResolvedDisk disk)
      throws IOException {
    for (Claim other : same) {
      if (claim.conflicts(other)) {
        return refuse(claim, "is the same disk as disks[" + other.disk() + "]; name it once");
      }
    }
    for (List<Claim> held : claims.values()) {
      for (Claim other : held) {
        if (claim.conflicts(other)) {
          return refuse(
              claim,
              "is in use by VM "
                  + other.holder()
                  + "; stop that VM, or set access: Shared on both if the guests can share a disk");
        }
      }
    }
    return disk.nameable() && claim.use() != Use.READ
        ? outside(claim, disk.source().path())
        : Optional.empty();
  }

  private Optional<Conflict> outside(Claim claim, String path) throws IOException {
    Optional<String> mount = mountOf(claim);
    if (mount.isPresent()) {
      return refuse(claim, "is mounted by the host on " + mount.get() + "; unmount it first");
    }
    if (claim.id().block() && claimedByKernel.test(Path.of(path))) {
      return refuse(
          claim,
          "is in use by the host itself (swap, RAID, LVM, or a file system of a container); `lsblk "
              + path
              + "` may show by what: end that first");
    }
    if (!lock(claim)) {
      return refuse(claim, "is in use by a VM of another agent on this host; stop that VM first");
    }
    if (claim.use() == Use.SHARED_WRITE) {
      return Optional.empty();
    }
    for (Map.Entry<Long, Set<FileId>> qemu : openDisks.qemus().entrySet()) {
      for (FileId id : qemu.getValue()) {
        if (claim.below().contains(id) || topology.below(id).contains(claim.id())) {
          return refuse(
              claim,
              "is open for writing in process "
                  + qemu.getKey()
                  + ", a QEMU that is no running VM of this agent; stop that first");
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Conflict> refuse(Claim claim, String why) {
    return Optional.of(new Conflict(claim.disk(), why));
  }

  /** A device that the host has mounted, or one that is part of it. */
  private Optional<String> mountOf(Claim claim) throws IOException {
    if (!claim.id().block()) {
      return Optional.empty();
    }
    for (String line : Files.readAllLines(openDisks.proc().resolve("self/mountinfo"))) {
      String[] fields = line.split(" ");
      String number = fields[2];
      if (!number.startsWith("0:") && reaches(number, claim)) {
        return Optional.of(fields[4]);
      }
    }
    return Optional.empty();
  }

  private boolean reaches(String number, Claim claim) throws IOException {
    FileId mounted = BlockTopology.device(number);
    return claim.below().contains(mounted) || topology.below(mounted).contains(claim.id());
  }

  /** A lock of this process, until it is let go or the process ends. */
  private boolean lock(Claim claim) throws IOException {
    if (locks.containsKey(claim.id())) {
      return true;
    }
    FileChannel channel =
        FileChannel.open(
            directory.resolve(claim.id() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    if (channel.tryLock(0, Long.MAX_VALUE, claim.use() == Use.SHARED_WRITE) == null) {
      channel.close();
      return false;
    }
    locks.put(claim.id(), channel);
    return true;
  }

  /** Closes the locks that no claim stands behind. */
  private void dropLocks() throws IOException {
    Set<FileId> held = new LinkedHashSet<>();
    claims.values().forEach(all -> all.forEach(claim -> held.add(claim.id())));
    for (FileId id : List.copyOf(locks.keySet())) {
      if (!held.contains(id)) {
        Objects.requireNonNull(locks.remove(id)).close();
      }
    }
  }

  /** Lets go of everything; the QEMUs that run on keep others out by what they have open. */
  @Override
  public synchronized void close() throws IOException {
    claims.clear();
    dropLocks();
  }
}
