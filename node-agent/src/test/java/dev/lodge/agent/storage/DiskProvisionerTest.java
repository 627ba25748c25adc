package dev.lodge.agent.storage;

import static dev.lodge.agent.storage.StorageFixture.UID;
import static dev.lodge.agent.storage.StorageFixture.installed;
import static dev.lodge.agent.storage.StorageFixture.run;
import static dev.lodge.agent.storage.StorageFixture.spec;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lodge.agent.hostfile.BindMounts;
import dev.lodge.agent.hostfile.FileFacts;
import dev.lodge.agent.image.Trees;
import dev.lodge.agent.storage.Preparation.Failed;
import dev.lodge.agent.storage.Preparation.Prepared;
import dev.lodge.agent.storage.ResolvedDisk.Use;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.domain.image.EmptyQcow2;
import dev.lodge.domain.machine.DevicePlan.Disk.Source;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskProvisionerTest {
  private static final String LINKED =
      "'disks':[{'name':'root','size':'2Gi','source':{'imageRef':{'name':'base'}}}]";

  @TempDir Path temp;
  private StorageFixture host;
  private byte[] raw = new byte[0];

  @BeforeEach
  void aHostWithAnImage() throws IOException {
    host = new StorageFixture(temp);
    raw = new byte[1 << 20];
    new Random(3).nextBytes(raw);
    host.image("base", "Raw", raw);
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  @Test
  void aLinkedCloneIsALayerAboveTheSharedImage() throws Exception {
    ResolvedDisk root = host.prepared(LINKED).disks().get("root");

    assertThat(root.source().format()).isEqualTo("qcow2");
    assertThat(root.virtualSize()).isEqualTo(2L << 30);
    assertThat(root.use()).isEqualTo(Use.WRITE);
    assertThat(root.nameable()).isFalse();
    assertThat(root.imageDigest()).startsWith("sha256:");
    Source below = root.source().backing();
    assertThat(below.format()).isEqualTo("raw");
    assertThat(Path.of(below.path())).hasBinaryContent(raw);
    assertThat(root.id()).isEqualTo(FileFacts.of(Path.of(root.source().path())).id());
  }

  @Test
  void qemuReadsTheLayersThatLodgeWrites() throws Exception {
    assumeTrue(installed("qemu-img"));
    Path base = Files.write(host.files.resolve("qbase"), new byte[0]);
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", host.files + "/base", base.toString());
    host.image("qbase", "QCOW2", Files.readAllBytes(base));

    Prepared got =
        host.prepared(
            "'disks':[{'name':'a','size':'64Ti','source':{'imageRef':{'name':'base'}}},"
                + "{'name':'b','source':{'imageRef':{'name':'qbase'}}},"
                + "{'name':'c','size':'3Gi','format':'QCOW2','source':{'blank':{}}}]");

    for (String name : new String[] {"a", "b", "c"}) {
      String path = got.disks().get(name).source().path();
      assertThat(run("qemu-img", "check", "-f", "qcow2", path)).contains("No errors");
      assertThat(run("qemu-img", "info", "-f", "qcow2", path))
          .contains(got.disks().get(name).virtualSize() + " bytes");
    }
    String out = temp.resolve("out").toString();
    run("qemu-img", "convert", "-O", "raw", got.disks().get("b").source().path(), out);
    assertThat(Path.of(out)).hasBinaryContent(raw);
  }

  @Test
  void preparingAgainChangesNothingAndNeedsNoImageObject() throws Exception {
    Prepared first = host.prepared(LINKED);
    Path disk = Path.of(first.disks().get("root").source().path());
    try (var f = new RandomAccessFile(disk.toFile(), "rw")) {
      f.seek(f.length());
      f.write(new byte[] {1, 2, 3});
    }
    byte[] content = Files.readAllBytes(disk);
    host.objects.remove(host.objects.image("base", "{}"));

    assertThat(host.prepared(LINKED)).isEqualTo(first);
    assertThat(disk).hasBinaryContent(content);
  }

  @Test
  void aDiskKeepsItsContentSoAnotherSourceIsRefused() throws Exception {
    host.prepared(LINKED);

    Failed failed = host.failed("'disks':[{'name':'root','size':'2Gi','source':{'blank':{}}}]");

    assertThat(failed.reason()).isEqualTo(Reason.InvalidSpec);
    assertThat(failed.text())
        .startsWith("disks[root].source: ")
        .contains("image default/base", "another name");
  }

  @Test
  void growsButNeverShrinks() throws Exception {
    assumeTrue(installed("qemu-img"));
    host.prepared(LINKED);

    ResolvedDisk grown = host.prepared(LINKED.replace("2Gi", "5Gi")).disks().get("root");

    assertThat(grown.virtualSize()).isEqualTo(5L << 30);
    assertThat(run("qemu-img", "info", "-f", "qcow2", grown.source().path()))
        .contains((5L << 30) + " bytes");
    assertThat(host.failed(LINKED).text()).contains("disks[root].size", "cannot shrink");
    assertThat(host.failed(LINKED.replace("'root','size':'2Gi'", "'x','size':'512'")).text())
        .contains("disks[x].size", "the image has 1Mi;");
  }

  @Test
  void aFullCopyIsItsOwnAndLarger() throws Exception {
    ResolvedDisk root =
        host.prepared(LINKED.replace("'root'", "'root','clone':'Full'")).disks().get("root");

    assertThat(root.source().backing()).isNull();
    assertThat(root.source().format()).isEqualTo("raw");
    Path file = Path.of(root.source().path());
    assertThat(Files.size(file)).isEqualTo(2L << 30);
    try (var in = Files.newInputStream(file)) {
      assertThat(in.readNBytes(raw.length)).isEqualTo(raw);
    }
  }

  @Test
  void aLongCopyIsMadeInTheBackground() throws Exception {
    byte[] big = new byte[70 << 20];
    new Random(5).nextBytes(big);
    host.image("big", "Raw", big);
    String members = "'disks':[{'name':'r','clone':'Full','source':{'imageRef':{'name':'big'}}}]";

    ResolvedDisk disk = host.prepared(members).disks().get("r");

    assertThat(Path.of(disk.source().path())).hasBinaryContent(big);
    assertThat(host.ready).contains(UID);
  }

  @Test
  void aBlankDiskIsAHole() throws Exception {
    ResolvedDisk disk =
        host.prepared("'disks':[{'name':'data','size':'10Gi','source':{'blank':{}}}]")
            .disks()
            .get("data");

    assertThat(disk.source()).isEqualTo(new Source(false, disk.source().path(), "raw", null));
    assertThat(Files.size(Path.of(disk.source().path()))).isEqualTo(10L << 30);
    assertThat(run("du", "-k", disk.source().path())).startsWith("0");
  }

  @Test
  void aHeaderThatSomebodyChangedIsNotOpened() throws Exception {
    Path disk = Path.of(host.prepared(LINKED).disks().get("root").source().path());
    byte[] evil = EmptyQcow2.of(2L << 30, new EmptyQcow2.Backing("/etc/shadow", "raw")).head();
    try (var f = new RandomAccessFile(disk.toFile(), "rw")) {
      f.write(evil);
    }

    Failed failed = host.failed(LINKED);

    assertThat(failed.reason()).isEqualTo(Reason.DiskFailed);
    assertThat(failed.message()).contains("/etc/shadow", "instead of");
  }

  @Test
  void aLostDiskIsSaidAndNotMadeAnew() throws Exception {
    Path disk = Path.of(host.prepared(LINKED).disks().get("root").source().path());
    Files.delete(disk);
    assertThat(host.failed(LINKED).message()).contains("is gone");

    Files.delete(disk.resolveSibling("disk.json"));
    assertThat(host.failed(LINKED).text()).contains("disks[root]", "disk.json");
  }

  @Test
  void whatAFullCopyLeftHalfMadeIsMadeAnew() throws Exception {
    Path half = Files.createDirectories(host.provisioner.directory(UID).resolve("disks/.root.new"));
    Files.writeString(half.resolve("disk.qcow2"), "torn");

    host.prepared(LINKED);

    assertThat(half).doesNotExist();
  }

  @Test
  void aHostFileIsUsedInPlaceUnderANameOfRoots() throws Exception {
    assumeTrue(BindMounts.possible());
    Path file = Files.write(host.files.resolve("old.img"), raw);
    String members =
        "'disks':[{'name':'old','source':{'hostResourceRef':{'name':'files','path':'old.img'}}}]";

    ResolvedDisk disk = host.prepared(members).disks().get("old");
    Path name = Path.of(disk.source().path());
    Files.move(file, host.files.resolve("moved.img"));
    Files.createSymbolicLink(file, Path.of("/etc/shadow"));

    assertThat(name).startsWith(host.state).hasBinaryContent(raw);
    assertThat(disk.nameable()).isTrue();
    assertThat(disk.source().format()).isEqualTo("raw");
    assertThat(host.failed(members).message()).contains("symbolic link");
    host.provisioner.release(UID);
    assertThat(name).doesNotExist();
    assertThat(host.files.resolve("moved.img")).hasBinaryContent(raw);
  }

  @Test
  void aHostFileIsCheckedAsDeclared() throws Exception {
    Files.write(host.files.resolve("q"), EmptyQcow2.of(1 << 30, null).head());
    try (var f = new RandomAccessFile(host.files.resolve("q").toFile(), "rw")) {
      f.setLength(4 << 16);
    }
    String raw = "'disks':[{'name':'q','source':{'hostResourceRef':{'name':'files','path':'q'}}}]";

    assertThat(host.failed(raw).text())
        .isEqualTo("disks[q].source: it is declared Raw but has a QCOW2 header; say format: QCOW2");
    assertThat(
            host.prepared(raw.replace("'name':'q',", "'name':'q','format':'QCOW2',"))
                .disks()
                .get("q")
                .virtualSize())
        .isEqualTo(1L << 30);
  }

  @Test
  void aReadOnlyResourceIsOnlyRead() throws Exception {
    Path file = Files.write(host.files.resolve("ro.img"), raw);
    host.objects.resource("ro", "{'type':'File','path':'" + file + "','access':'ReadOnly'}");
    String members = "'disks':[{'name':'d','source':{'hostResourceRef':{'name':'ro'}}}]";

    assertThat(host.failed(members).message()).contains("ReadOnly", "access: ReadOnly");
    ResolvedDisk disk =
        host.prepared(members.replace("'name':'d'", "'name':'d','access':'ReadOnly'"))
            .disks()
            .get("d");
    assertThat(disk.use()).isEqualTo(Use.READ);
    if (BindMounts.possible()) {
      assertThat(disk.source().path()).endsWith(".ro");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      assertThat(
              host.failed(members.replace("'name':'d'", "'name':'d','access':'ReadOnly'"))
                  .message())
          .contains("not readable for QEMU");
    }
  }

  @Test
  void aCdromReadsTheImageItself() throws Exception {
    byte[] iso = Arrays.copyOf(raw, 1 << 20);
    System.arraycopy("CD001".getBytes(US_ASCII), 0, iso, 32769, 5);
    host.image("iso", "ISO", iso);
    String members =
        "'disks':[{'name':'cd','device':'CDROM','source':{'imageRef':{'name':'iso'}}},"
            + "{'name':'empty','device':'CDROM'}]";

    Prepared got = host.prepared(members);

    assertThat(got.disks()).containsOnlyKeys("cd");
    assertThat(got.disks().get("cd").use()).isEqualTo(Use.READ);
    assertThat(Path.of(got.disks().get("cd").source().path())).hasBinaryContent(iso);
    Preparation medium =
        host.provisioner.prepareMedium(UID, "default", spec(members).disks().getFirst());
    assertThat(((Prepared) medium).disks().get("cd")).isEqualTo(got.disks().get("cd"));
  }

  @Test
  void aFileThatIsTooLargeForAKernelIsRefusedBeforeItIsCopied() throws Exception {
    byte[] kernel = new byte[8192];
    System.arraycopy("HdrS".getBytes(US_ASCII), 0, kernel, 0x202, 4);
    Path source = Files.write(host.files.resolve("vmlinuz"), kernel);
    try (var file = new RandomAccessFile(source.toFile(), "rw")) {
      file.setLength(8L << 40);
    }

    Failed failed =
        assertTimeoutPreemptively(
            Duration.ofSeconds(60),
            () ->
                host.failed(
                    "'firmware':{'kernel':{'kernelRef':{'hostResourceRef':"
                        + "{'name':'files','path':'vmlinuz'}}}}"));

    assertThat(failed.text()).contains("firmware.kernel.kernelRef", "more than 2 GiB");
  }

  @Test
  void kernelsAndFirmwareArePrivateCopiesThatFollowTheirSource() throws Exception {
    byte[] kernel = new byte[8192];
    System.arraycopy("HdrS".getBytes(US_ASCII), 0, kernel, 0x202, 4);
    Path source = Files.write(host.files.resolve("vmlinuz"), kernel);
    host.image("initrd", "Initrd", gzip());
    String members =
        "'firmware':{'kernel':{'kernelRef':{'hostResourceRef':{'name':'files','path':'vmlinuz'}},"
            + "'initrdRef':{'imageRef':{'name':'initrd'}}}}";

    Prepared first = host.prepared(members);
    assertThat(Path.of(first.kernel())).startsWith(host.state).hasBinaryContent(kernel);
    assertThat(Path.of(first.initrd())).startsWith(host.state).hasBinaryContent(gzip());
    Object inode = Files.getAttribute(Path.of(first.kernel()), "unix:ino");
    host.prepared(members);
    assertThat(Files.getAttribute(Path.of(first.kernel()), "unix:ino")).isEqualTo(inode);

    kernel[5000] = 1;
    Files.write(source, kernel);
    assertThat(Path.of(host.prepared(members).kernel())).hasBinaryContent(kernel);
    Files.writeString(source, "no kernel");
    assertThat(host.failed(members).text())
        .contains("firmware.kernel.kernelRef", "no Linux kernel");
  }

  @Test
  void aRomMayComeFromAnImageAndAnythingElseMayNotBeOne() throws Exception {
    host.image("rom", "ROM", new byte[65536]);
    String members = "'firmware':{'type':'ROM','loaderRef':{'imageRef':{'name':'rom'}}}";

    assertThat(Path.of(host.prepared(members).loader())).hasBinaryContent(new byte[65536]);
    assertThat(host.failed(members.replace("'rom'", "'base'")).text())
        .contains("firmware.loaderRef.imageRef", "format: ROM");
    assertThat(host.failed(LINKED.replace("'base'", "'rom'").replace("root", "x")).text())
        .contains("this is a ROM");
  }

  @Test
  void waitsForImagesAndSaysWhichFailed() throws Exception {
    host.image("bad", "QCOW2", raw);
    String members = "'disks':[{'name':'x','source':{'imageRef':{'name':'bad'}}}]";

    Preparation first = host.prepare(members);
    Failed failed = host.failed(members);

    assertThat(first)
        .isInstanceOfSatisfying(
            Preparation.Waiting.class,
            w -> {
              assertThat(w.images()).containsExactly("uid-bad");
              assertThat(w.message()).contains("default/bad is being imported");
            });
    assertThat(failed.reason()).isEqualTo(Reason.ImageFailed);
    assertThat(failed.image()).isEqualTo("uid-bad");
    assertThat(failed.text()).contains("disks[x].source.imageRef", "no QCOW2 header");
  }

  @Test
  void whatIsNotThereOrNotAllowedIsNamed() throws Exception {
    host.objects.image("other", "theirs", "{'source':{'http':{'url':'http://x/y'}}}");

    assertThat(host.failed(LINKED.replace("'base'", "'none'")).text())
        .contains("VmImage default/none does not exist");
    assertThat(host.failed(LINKED.replace("'base'", "'theirs','namespace':'other'")).text())
        .contains("may not be used from namespace default", "allowedNamespaces");
  }

  @Test
  void deleteKeepsWhatIsRetainedWithItsImage() throws Exception {
    host.prepared(
        "'disks':[{'name':'keep','retain':'Keep','source':{'imageRef':{'name':'base'}}},"
            + "{'name':'drop','size':'1Mi','source':{'blank':{}}}]");

    host.provisioner.delete(UID, "default", "vm1", null);

    assertThat(host.provisioner.directory(UID)).doesNotExist();
    Path kept = host.state.resolve("retained/default_vm1_keep_" + UID);
    assertThat(kept.resolve("disk.qcow2")).exists();
    try (Stream<Path> all = Files.list(host.state.resolve("retained"))) {
      assertThat(all).hasSize(1);
    }
    assertThat(host.provisioner.collect(Set.of())).isZero();
    Trees.delete(kept);
    assertThat(host.provisioner.collect(Set.of())).isEqualTo(1);
  }

  @Test
  void imagesOfClonesAndMediaAreNotCollected() throws Exception {
    host.image("second", "Raw", raw);
    host.prepared(
        LINKED.replace(
            "]", ",{'name':'cd','device':'CDROM','source':{'imageRef':{'name':'second'}}}]"));

    assertThat(host.provisioner.collect(Set.of())).isZero();
    host.provisioner.release(UID);
    assertThat(host.provisioner.collect(Set.of())).as("the medium").isEqualTo(1);
    host.provisioner.delete(UID, "default", "vm1", null);
    assertThat(host.provisioner.collect(Set.of())).as("the base").isEqualTo(1);
  }

  @Test
  void aVmWithNothingToMakeIsQuick() throws Exception {
    String members = LINKED + ",'firmware':{'type':'ROM','loaderRef':{'imageRef':{'name':'rom'}}}";
    host.image("rom", "ROM", new byte[65536]);
    host.prepared(members);
    for (int i = 0; i < 500; i++) {
      host.prepare(members);
    }

    long best = Long.MAX_VALUE;
    for (int round = 0; round < 10; round++) {
      long begin = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        host.prepare(members);
      }
      best = Math.min(best, (System.nanoTime() - begin) / 20);
    }

    assertThat(best).as("nanoseconds").isLessThan(3_000_000);
  }

  private static byte[] gzip() {
    byte[] packed = new byte[4096];
    packed[0] = 0x1f;
    packed[1] = (byte) 0x8b;
    return packed;
  }
}
