package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.BindMounts;
import dev.lodge.agent.hostfile.DirectIo;
import dev.lodge.agent.hostfile.OpenFile;
import dev.lodge.agent.hostfile.QemuUser;
import dev.lodge.agent.hostfile.References;
import dev.lodge.agent.image.ImageState;
import dev.lodge.agent.image.ImageStore;
import dev.lodge.agent.image.Trees;
import dev.lodge.agent.storage.ResolvedDisk.Use;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.api.v1alpha1.virtualmachine.CloudInit;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.DiskSource;
import dev.lodge.api.v1alpha1.virtualmachine.FileRef;
import dev.lodge.api.v1alpha1.virtualmachine.Firmware;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes ready what a VM's spec names, before every start: docs/design/storage.md. Every method is
 * idempotent. Calls for one VM come one after another; those for different VMs may come at once.
 */
public final class DiskProvisioner implements AutoCloseable {
  private static final int MOST_USER_DATA = 64 << 10;

  private final Path vms;
  private final Path retained;
  private final References references;
  private final ImageStore images;
  private final QemuUser user;
  private final DirectIo directIo = new DirectIo();
  private final HostDisks hostDisks;
  private final QemuImg qemuImg;
  private final FullCopies copies;
  private final String bootId;

  /**
   * Opens the VMs' part of the state directory.
   *
   * @param state absolute; QEMU's user must be able to enter it
   * @param ready told the UID of a VM whose disk was copied in the background
   * @throws IOException it cannot be made
   */
  public DiskProvisioner(
      Path state, References references, ImageStore images, QemuUser user, Consumer<String> ready)
      throws IOException {
    Path root = state.toAbsolutePath().normalize();
    this.vms = Trees.make(root.resolve("vms"), Trees.ENTER);
    this.retained = Trees.make(root.resolve("retained"), Trees.ENTER);
    this.references = references;
    this.images = images;
    this.user = user;
    this.hostDisks = new HostDisks(references, directIo, user);
    this.qemuImg = new QemuImg(user);
    this.copies = new FullCopies(ready);
    this.bootId = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
  }

  /** Why QEMU will not reach its files, if so; for the log. */
  public Optional<String> warning() {
    return user.barrier(vms)
        .map(
            barrier ->
                "QEMU (user "
                    + user.user().get().getName()
                    + ") may not enter "
                    + barrier
                    + ", so no VM will find its files; chmod o+x it, or put the state elsewhere");
  }

  /** The directory of a VM's own files; it may not be there yet. */
  public Path directory(String uid) {
    return VmDirectory.of(vms, uid).root();
  }

  /**
   * Finds or makes all that a start needs; quick when it is all there. Not while QEMU runs: disks
   * may be made larger here.
   */
  public Preparation prepare(String uid, String namespace, String name, VirtualMachineSpec spec) {
    return prepare(uid, namespace, name, spec, Brought.NOTHING);
  }

  /**
   * The same for a VM of a cluster.
   *
   * @param brought what its slot has brought to this node
   */
  public Preparation prepare(
      String uid, String namespace, String name, VirtualMachineSpec spec, Brought brought) {
    VmDirectory vm = VmDirectory.of(vms, uid);
    var use = new ImageUse(namespace, references, images, brought);
    String field = "disks";
    try (ImageStore.Pin pin = images.pin()) {
      VmDirectory.make(vm.root());
      Map<String, ResolvedDisk> disks = disks(uid, namespace, spec, vm, use);
      field = "firmware";
      Map<Format, String> boot = boot(namespace, spec.firmware(), vm, use);
      field = "cloudInit";
      String seed = seed(uid, name, spec, vm, use);
      Preparation.Waiting waiting = use.waiting();
      return waiting != null
          ? waiting
          : new Preparation.Prepared(
              disks, seed, boot.get(Format.Kernel), boot.get(Format.Initrd), boot.get(Format.ROM));
    } catch (StorageException e) {
      return e.failure();
    } catch (IOException e) {
      return StorageException.of(field, e).failure();
    }
  }

  /**
   * Finds the medium for a drive of a running VM.
   *
   * @param drive a CDROM; without a source there is nothing to be found
   * @return Prepared with the medium alone, Waiting or Failed
   */
  public Preparation prepareMedium(String uid, String namespace, Disk drive) {
    return prepareMedium(uid, namespace, drive, Brought.NOTHING);
  }

  /** The same for a VM of a cluster. */
  public Preparation prepareMedium(String uid, String namespace, Disk drive, Brought brought) {
    if (drive.device() != Disk.Device.CDROM) {
      throw new IllegalArgumentException("disks[" + drive.name() + "] is no CDROM");
    }
    VmDirectory vm = VmDirectory.of(vms, uid);
    var use = new ImageUse(namespace, references, images, brought);
    try (ImageStore.Pin pin = images.pin()) {
      Map<String, ResolvedDisk> disks = new LinkedHashMap<>();
      if (drive.source() != null) {
        DiskResolver resolver = resolver(uid, namespace, vm, use);
        ResolvedDisk medium = resolve(resolver, drive, drive.source());
        if (medium == null) {
          return Objects.requireNonNull(use.waiting());
        }
        disks.put(drive.name(), medium);
        Set<Path> media = new LinkedHashSet<>(mediaOf(vm));
        media.addAll(resolver.media());
        rememberMedia(vm, media);
      }
      return new Preparation.Prepared(disks, null, null, null, null);
    } catch (StorageException e) {
      return e.failure();
    } catch (IOException e) {
      return StorageException.of("disks[" + drive.name() + "]", e).failure();
    }
  }

  private DiskResolver resolver(String uid, String namespace, VmDirectory vm, ImageUse use) {
    return new DiskResolver(uid, namespace, vm, use, hostDisks, qemuImg, copies, directIo);
  }

  private Map<String, ResolvedDisk> disks(
      String uid, String namespace, VirtualMachineSpec spec, VmDirectory vm, ImageUse use)
      throws StorageException, IOException {
    Map<String, ResolvedDisk> disks = new LinkedHashMap<>();
    DiskResolver resolver = resolver(uid, namespace, vm, use);
    for (Disk disk : spec.disks() == null ? List.<Disk>of() : spec.disks()) {
      if (disk.source() != null) {
        ResolvedDisk resolved = resolve(resolver, disk, disk.source());
        if (resolved != null) {
          disks.put(disk.name(), resolved);
        }
      }
    }
    rememberMedia(vm, resolver.media());
    return disks;
  }

  private static @Nullable ResolvedDisk resolve(DiskResolver resolver, Disk disk, DiskSource source)
      throws StorageException {
    try {
      return resolver.resolve(disk, source);
    } catch (IOException e) {
      throw StorageException.of("disks[" + disk.name() + "]", e);
    }
  }

  private static void rememberMedia(VmDirectory vm, Collection<Path> media) throws IOException {
    if (!List.copyOf(media).equals(mediaOf(vm))) {
      Files.write(vm.media(), media.stream().map(Path::toString).toList());
    }
  }

  private static List<Path> mediaOf(VmDirectory vm) throws IOException {
    return Files.exists(vm.media())
        ? Files.readAllLines(vm.media()).stream().map(Path::of).toList()
        : List.of();
  }

  private Map<Format, String> boot(
      String namespace, @Nullable Firmware firmware, VmDirectory vm, ImageUse use)
      throws StorageException, IOException {
    Map<Format, String> boot = new LinkedHashMap<>();
    if (firmware == null) {
      return boot;
    }
    if (firmware.kernel() != null) {
      put(
          boot,
          Format.Kernel,
          "firmware.kernel.kernelRef",
          firmware.kernel().kernelRef(),
          namespace,
          vm,
          use);
      put(
          boot,
          Format.Initrd,
          "firmware.kernel.initrdRef",
          firmware.kernel().initrdRef(),
          namespace,
          vm,
          use);
    }
    put(boot, Format.ROM, "firmware.loaderRef", firmware.loaderRef(), namespace, vm, use);
    return boot;
  }

  private void put(
      Map<Format, String> boot,
      Format role,
      String field,
      @Nullable FileRef ref,
      String namespace,
      VmDirectory vm,
      ImageUse use)
      throws StorageException, IOException {
    if (ref == null) {
      return;
    }
    var files = new BootFiles(vm, user, bootId);
    if (ref.hostResourceRef() != null) {
      try (OpenFile file = hostDisks.open(namespace, field, ref.hostResourceRef(), Use.READ)) {
        boot.put(role, files.ofHost(role, field, file).toString());
      }
    } else if (ref.imageRef() != null) {
      ImageState.Present image =
          use.present(
              field,
              ref.imageRef(),
              new Brought.What.Firmware(
                  role == Format.ROM ? "loader" : role.name().toLowerCase(Locale.ROOT)));
      if (image != null) {
        checkRole(role, field, image);
        boot.put(role, files.ofImage(role, field, image.file(), image.digest()).toString());
      }
    }
  }

  private static void checkRole(Format role, String field, ImageState.Present image)
      throws StorageException {
    if (image.header().format() != role) {
      throw new StorageException(
          Reason.InvalidSpec,
          field + ".imageRef",
          "this image is a "
              + image.header().format()
              + ", not a "
              + role
              + "; say format: "
              + role
              + " in the VmImage if it is one");
    }
  }

  private @Nullable String seed(
      String uid, String name, VirtualMachineSpec spec, VmDirectory vm, ImageUse use)
      throws StorageException, IOException {
    var seed = new SeedIso(vm, user);
    CloudInit data = spec.cloudInit();
    if (data == null) {
      seed.remove();
      return null;
    }
    if (data.userDataSecretRef() == null && data.userDataConfigMapRef() == null) {
      return seed.ensure(uid, name, data).toString();
    }
    Brought.Result.Opened opened = use.brought("cloudInit.userData", new Brought.What.UserData());
    if (opened == null) {
      return null;
    }
    try (OpenFile file = opened.file()) {
      return seed.ensure(uid, name, new CloudInit(userData(file), data.networkData(), null, null))
          .toString();
    }
  }

  /** The same bound as for data in the spec. */
  private static String userData(OpenFile file) throws StorageException, IOException {
    if (file.facts().size() > MOST_USER_DATA) {
      throw new StorageException(
          Reason.InvalidSpec,
          "cloudInit.userData",
          "the Secret or ConfigMap holds "
              + file.facts().size()
              + " bytes of user data; at most "
              + MOST_USER_DATA
              + " are taken");
    }
    return Files.readString(file.path());
  }

  /** Takes back the second names of host files. To be called when QEMU is gone. */
  public void release(String uid) throws IOException {
    VmDirectory vm = VmDirectory.of(vms, uid);
    for (Path name : VmDirectory.children(vm.host())) {
      if (BindMounts.possible()) {
        BindMounts.unbind(name);
      }
    }
    Files.deleteIfExists(vm.media());
  }

  /**
   * Deletes all that Lodge made for a VM; disks with {@code retain: Keep} go to {@code
   * <state>/retained/}. To be called when QEMU is gone.
   *
   * @param spec as it was last; null: as each disk's own record says
   */
  public void delete(String uid, String namespace, String name, @Nullable VirtualMachineSpec spec)
      throws IOException {
    copies.cancel(uid);
    release(uid);
    VmDirectory vm = VmDirectory.of(vms, uid);
    for (Path disk : VmDirectory.children(vm.disks())) {
      if (!disk.getFileName().toString().startsWith(".") && keep(disk, spec)) {
        String kept = namespace + "_" + name + "_" + disk.getFileName() + "_" + uid;
        Files.move(disk, retained.resolve(kept), StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.syncDirectory(retained);
      }
    }
    Trees.delete(vm.root());
  }

  private static boolean keep(Path disk, @Nullable VirtualMachineSpec spec) {
    if (spec != null && spec.disks() != null) {
      for (Disk wanted : spec.disks()) {
        if (wanted.name().equals(disk.getFileName().toString())) {
          return wanted.retain() == Disk.Retain.Keep;
        }
      }
    }
    try {
      return DiskRecord.read(disk).keep();
    } catch (IOException e) {
      // Nobody knows, so nothing is lost.
      return true;
    }
  }

  /**
   * Deletes images that neither an object nor a disk needs.
   *
   * @param imageObjects UIDs of all VmImage objects
   * @return how many went
   * @throws IOException a disk's record cannot be read, so nothing is deleted
   */
  public int collect(Set<String> imageObjects) throws IOException {
    try {
      return images.collect(imageObjects, this::usedImages);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private Set<Path> usedImages() {
    try {
      Set<Path> used = new LinkedHashSet<>();
      for (Path vm : VmDirectory.children(vms)) {
        var directory = new VmDirectory(vm);
        addBackings(used, directory.disks());
        used.addAll(mediaOf(directory));
      }
      addBackings(used, retained);
      return used;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void addBackings(Set<Path> used, Path disks) throws IOException {
    for (Path disk : VmDirectory.children(disks)) {
      if (!disk.getFileName().toString().startsWith(".")) {
        DiskRecord record = DiskRecord.read(disk);
        if (record.backing() != null) {
          used.add(Path.of(record.backing().path()));
        }
      }
    }
  }

  /** Ends copies in the background; they begin anew with the next agent. */
  @Override
  public void close() {
    copies.close();
  }
}
