package dev.lodge.agent.cluster;

import dev.lodge.agent.hostfile.FileFacts.Sort;
import dev.lodge.agent.hostfile.HostFiles;
import dev.lodge.agent.hostfile.OpenFile;
import dev.lodge.agent.hostfile.OpenResult;
import dev.lodge.agent.storage.Brought;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a VM's slot has in its container, seen through its process: {@code /lodge/volumes/<disk>},
 * {@code /lodge/images/<disk>/disk/*}, {@code /lodge/firmware/<role>/disk/*} and {@code
 * /lodge/cloud-init/userData}.
 */
final class SlotFiles implements Brought {
  private static final String DISK_IMAGE = "disk.img";

  private final SlotProcesses processes;
  private final String podUid;
  private final Runnable running;

  /**
   * @param podUid of the slot; empty: there is none
   * @param running told once its container runs, if it was asked for in vain
   */
  SlotFiles(SlotProcesses processes, String podUid, Runnable running) {
    this.processes = processes;
    this.podUid = podUid;
    this.running = running;
  }

  @Override
  public Result open(What what) {
    Optional<Long> process = podUid.isEmpty() ? Optional.empty() : processes.find(podUid);
    if (process.isEmpty()) {
      if (!podUid.isEmpty()) {
        processes.await(podUid, running);
      }
      return new Result.Waiting("waits until the kubelet has mounted the volumes of its slot");
    }
    long pid = process.get();
    OpenResult opened =
        switch (what) {
          case What.Volume v -> volume(pid, "lodge/volumes/" + v.disk());
          case What.Image i -> onlyFile(pid, "lodge/images/" + i.disk() + "/disk");
          case What.Firmware f -> onlyFile(pid, "lodge/firmware/" + f.role() + "/disk");
          case What.UserData _ ->
              HostFiles.ofProcess(pid, "lodge/cloud-init", "userData", Sort.REGULAR);
        };
    return switch (opened) {
      case OpenResult.Opened o -> stillThere(pid, o.file());
      case OpenResult.Refused r ->
          processes.find(podUid).equals(process)
              ? new Result.Refused(r.reason(), r.message())
              : new Result.Waiting("its slot has just ended");
    };
  }

  /** The number may have become another process's while it was looked into. */
  private Result stillThere(long pid, OpenFile file) {
    if (processes.find(podUid).equals(Optional.of(pid))) {
      return new Result.Opened(file, pid);
    }
    file.close();
    return new Result.Waiting("its slot has just ended");
  }

  private static OpenResult volume(long pid, String path) {
    OpenResult device = HostFiles.ofProcess(pid, path, "", Sort.BLOCK);
    if (device instanceof OpenResult.Opened) {
      return device;
    }
    OpenResult directory = HostFiles.ofProcess(pid, path, "", Sort.DIRECTORY);
    if (directory instanceof OpenResult.Opened d) {
      d.file().close();
      OpenResult image = HostFiles.ofProcess(pid, path + "/" + DISK_IMAGE, "", Sort.REGULAR);
      return image instanceof OpenResult.Refused r && r.reason() == Reason.NotFound
          ? new OpenResult.Refused(
              Reason.NotFound,
              "the volume's file system has no "
                  + DISK_IMAGE
                  + "; put the disk there, or take a claim with volumeMode: Block")
          : image;
    }
    return directory;
  }

  private static OpenResult onlyFile(long pid, String directory) {
    OpenResult opened = HostFiles.ofProcess(pid, directory, "", Sort.DIRECTORY);
    if (!(opened instanceof OpenResult.Opened d)) {
      return opened instanceof OpenResult.Refused r && r.reason() == Reason.NotFound
          ? new OpenResult.Refused(
              Reason.ImageFailed, "the OCI image has no directory /disk with the file in it")
          : opened;
    }
    String name = null;
    boolean more = false;
    try (OpenFile held = d.file();
        DirectoryStream<Path> children = Files.newDirectoryStream(held.path())) {
      // An image may have as many as it likes: two are known to be one too many.
      var each = children.iterator();
      name = each.hasNext() ? each.next().getFileName().toString() : null;
      more = each.hasNext();
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return new OpenResult.Refused(
          Reason.ImageFailed, "/disk of the OCI image: " + e.getMessage());
    }
    return name != null && !more
        ? HostFiles.ofProcess(pid, directory + "/" + name, "", Sort.REGULAR)
        : new OpenResult.Refused(
            Reason.ImageFailed,
            "/disk of the OCI image has "
                + (more ? "more than one file" : "no file")
                + "; exactly one is needed");
  }
}
