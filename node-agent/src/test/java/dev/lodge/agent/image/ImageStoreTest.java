package dev.lodge.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lodge.agent.hostfile.BindMounts;
import dev.lodge.agent.hostfile.References;
import dev.lodge.agent.hostfile.TestObjects;
import dev.lodge.agent.image.ImageState.Absent;
import dev.lodge.agent.image.ImageState.Failed;
import dev.lodge.agent.image.ImageState.Importing;
import dev.lodge.agent.image.ImageState.Present;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import dev.lodge.domain.image.EmptyQcow2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageStoreTest {
  private static final ImageLimits LIMITS =
      limits(1 << 20, Duration.ofSeconds(1), Duration.ofHours(1));

  @TempDir Path temp;
  private final TestObjects objects = new TestObjects();
  private final List<ImageState> told = Collections.synchronizedList(new ArrayList<>());
  private byte[] disk = new byte[0];
  private WebServer web;
  private ImageStore store;

  @BeforeEach
  void aServerWithADisk() throws IOException {
    disk = new byte[1 << 20];
    new Random(7).nextBytes(disk);
    disk[510] = 0x55;
    disk[511] = (byte) 0xaa;
    web = new WebServer(disk);
    store = open(temp.resolve("images"));
  }

  @AfterEach
  void close() {
    store.close();
    web.close();
  }

  @Test
  void fetchesVerifiesAndKeepsItReadOnly() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(disk));
    assertThat(store.state(image)).isEqualTo(new Absent());

    ImageState state = get(store.ensure(image));

    Present present = present(state);
    assertThat(present.file()).hasBinaryContent(disk);
    assertThat(present.digest()).isEqualTo(sha256(disk));
    assertThat(present.header().format()).isEqualTo(Format.Raw);
    assertThat(present.virtualSize()).isEqualTo(disk.length);
    assertThat(present.file().getParent()).hasFileName("uid-deb-" + sha256(disk).substring(7));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(present.file())))
        .isEqualTo("r--r--r--");
    assertThat(store.state(image)).isEqualTo(state);
    assertThat(told.getFirst()).isInstanceOf(Importing.class);
    assertThat(told.getLast()).isEqualTo(state);
    assertThat(leftOver()).containsExactly(present.file().getParent().getFileName().toString());
  }

  @Test
  void manyWaitForOneImport() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(disk));

    List<CompletionStage<ImageState>> all =
        Stream.generate(() -> store.ensure(image)).limit(20).toList();

    for (CompletionStage<ImageState> one : all) {
      present(get(one));
    }
    assertThat(web.ranges).hasSize(1);
  }

  @Test
  void aWrongChecksumLeavesNothing() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(new byte[1]));

    ImageFailure failure = failure(get(store.ensure(image)));

    assertThat(failure)
        .isEqualTo(new ImageFailure.ChecksumMismatch(sha256(new byte[1]), sha256(disk)));
    assertThat(failure.message()).contains(sha256(disk), "spec.checksum");
    assertThat(failure.retryable()).isFalse();
    assertThat(leftOver()).isEmpty();
  }

  @Test
  void aChecksumBySha512IsHeldToo() throws Exception {
    StoredObject right = http("right", web.url("/image"), digest("SHA-512", disk));
    StoredObject wrong = http("wrong", web.url("/image"), digest("SHA-512", new byte[1]));

    Present present = present(get(store.ensure(right)));
    ImageFailure failure = failure(get(store.ensure(wrong)));

    assertThat(present.digest()).as("an image is known by sha256").isEqualTo(sha256(disk));
    store.close();
    store = open(temp.resolve("images"));
    assertThat(store.state(right)).as("for the next agent too").isEqualTo(present);
    assertThat(failure)
        .isEqualTo(
            new ImageFailure.ChecksumMismatch(
                digest("SHA-512", new byte[1]), digest("SHA-512", disk)));
  }

  @Test
  void aBrokenDownloadGoesOnWhereItEndedAndWithTheNextAgent() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(disk));
    web.breakAfter = 600_000;
    assertThat(failure(get(store.ensure(image)))).isInstanceOf(ImageFailure.Interrupted.class);
    assertThat(failure(get(store.ensure(image))))
        .as("no try of its own accord")
        .isInstanceOf(ImageFailure.Interrupted.class);
    store.close();
    web.breakAfter = Long.MAX_VALUE;
    store = open(temp.resolve("images"));

    Present present = present(get(store.ensure(image)));

    assertThat(present.file()).hasBinaryContent(disk);
    assertThat(web.ranges).hasSize(2);
    assertThat(web.ranges.get(1)).matches("bytes=[1-9]\\d{4,}-");
  }

  @Test
  void retryGoesOnToo() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(disk));
    web.breakAfter = 600_000;
    failure(get(store.ensure(image)));
    web.breakAfter = Long.MAX_VALUE;

    store.retry(image.uid());

    present(get(store.ensure(image)));
    assertThat(web.ranges).hasSize(2);
  }

  @Test
  void anotherVersionOnTheServerBeginsAnew() throws Exception {
    StoredObject image =
        objects.image(
            "deb", "{'source':{'http':{'url':'" + web.url("/image") + "'}},'verification':'None'}");
    web.breakAfter = 600_000;
    failure(get(store.ensure(image)));
    web.breakAfter = Long.MAX_VALUE;
    byte[] next = disk.clone();
    next[5000] ^= 1;
    web.content = next;
    web.etag = "\"v2\"";
    store.retry(image.uid());

    Present present = present(get(store.ensure(image)));

    assertThat(present.file()).hasBinaryContent(next);
  }

  @Test
  void aDownloadThatWasCompleteIsNotFetchedAgain() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(disk));
    var partial = new PartialFile(Files.createDirectories(temp.resolve("images/uid-deb.partial")));
    partial.begin(new PartialFile.Origin(web.url("/image"), "\"v1\""));
    Files.write(partial.data(), disk);

    present(get(store.ensure(image)));

    assertThat(web.ranges).containsExactly("bytes=" + disk.length + "-");
  }

  @Test
  void aTornRecordOfThePartBeginsAnew() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(disk));
    Path partial = Files.createDirectories(temp.resolve("images/uid-deb.partial"));
    Files.writeString(partial.resolve("origin.json"), "{\"url\":");
    Files.write(partial.resolve("image"), new byte[5000]);

    present(get(store.ensure(image)));
  }

  @Test
  void silenceEndsAnImport() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(disk));
    web.stallAfter = 100_000;

    ImageFailure failure = failure(get(store.ensure(image)));

    assertThat(failure).isInstanceOf(ImageFailure.Interrupted.class);
    assertThat(failure.message()).contains("no data for 1 s");
  }

  @Test
  void cancelEndsAnImportAtOnceAndKeepsThePart() throws Exception {
    var begun = new CountDownLatch(1);
    store.close();
    store =
        new ImageStore(
            temp.resolve("images"),
            new References(objects),
            limits(1 << 20, Duration.ofSeconds(50), Duration.ofHours(1)),
            (_, state) -> {
              if (state instanceof Importing) {
                begun.countDown();
              }
            });
    StoredObject image = http("deb", web.url("/image"), sha256(disk));
    StoredObject behind = http("next", web.url("/image"), sha256(disk));
    web.stallAfter = 100_000;
    CompletionStage<ImageState> first = store.ensure(image);
    CompletionStage<ImageState> second = store.ensure(behind);
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

    store.cancel(behind.uid());
    store.cancel(image.uid());

    assertThat(failure(get(first))).isEqualTo(new ImageFailure.Cancelled());
    assertThat(failure(get(second))).isEqualTo(new ImageFailure.Cancelled());
  }

  @Test
  void followsRedirectsButNotForEver() throws Exception {
    web.answer("/moved", 302, "/image");
    web.answer("/loop", 301, "/loop");
    web.answer("/tls", 302, "ftp://127.0.0.1/image");

    present(get(store.ensure(http("a", web.url("/moved"), sha256(disk)))));
    assertThat(failure(get(store.ensure(http("b", web.url("/loop"), sha256(disk))))).message())
        .contains("redirects");
    assertThat(failure(get(store.ensure(http("c", web.url("/tls"), sha256(disk))))))
        .isInstanceOf(ImageFailure.Denied.class);
  }

  @ParameterizedTest
  @CsvSource({"404, NotFound", "410, NotFound", "401, Denied", "403, Denied", "503, Unreachable"})
  void saysWhatTheServerSaid(int status, String failure) throws Exception {
    web.answer("/other", status, "");

    ImageFailure got = failure(get(store.ensure(http("a", web.url("/other"), sha256(disk)))));

    assertThat(got.getClass().getSimpleName()).isEqualTo(failure);
    assertThat(got.message()).contains(String.valueOf(status));
    assertThat(leftOver().stream().filter(n -> !n.endsWith(".partial"))).isEmpty();
  }

  @Test
  void saysThatAServerCannotBeReached() throws Exception {
    String gone = web.url("/image");
    web.close();

    assertThat(failure(get(store.ensure(http("a", gone, sha256(disk))))))
        .isInstanceOf(ImageFailure.Unreachable.class);
    assertThat(
            failure(get(store.ensure(http("b", "http://name.invalid/image", sha256(disk)))))
                .message())
        .contains("name.invalid is not known");
  }

  @Test
  void aBombIsRefusedAndDeleted() throws Exception {
    byte[] bomb = java.util.Arrays.copyOf(EmptyQcow2.of(1 << 30, null).head(), 4 << 16);
    java.nio.ByteBuffer.wrap(bomb).putLong(72, 1 << 2);
    web.content = bomb;

    ImageFailure failure = failure(get(store.ensure(http("a", web.url("/image"), sha256(bomb)))));

    assertThat(failure).isInstanceOf(ImageFailure.Refused.class);
    assertThat(failure.message()).contains("external data file", "qemu-img convert");
    assertThat(leftOver()).isEmpty();
  }

  @Test
  void copiesAFileOfTheHostAndKeepsTheCopyWhenThatGoes() throws Exception {
    Path dir = Files.createDirectories(temp.resolve("iso"));
    Files.write(dir.resolve("disk.img"), disk);
    objects.resource("isos", "{'type':'Directory','path':'" + dir + "'}");
    StoredObject image =
        objects.image("a", "{'source':{'hostResourceRef':{'name':'isos','path':'disk.img'}}}");

    Present present = present(get(store.ensure(image)));
    Files.delete(dir.resolve("disk.img"));

    assertThat(present.file()).hasBinaryContent(disk);
    assertThat(store.state(image)).isEqualTo(present);
    assertThat(present.digest()).isEqualTo(sha256(disk));
  }

  @Test
  void aHostFileThatMayNotBeUsedOrIsNotThereIsSaid() throws Exception {
    Path dir = Files.createDirectories(temp.resolve("iso"));
    Files.createSymbolicLink(dir.resolve("link"), Path.of("/etc/shadow"));
    objects.resource("isos", "{'type':'Directory','path':'" + dir + "'}");
    objects.resource(
        "closed", "{'type':'Directory','path':'" + dir + "','allowedNamespaces':{'from':'Same'}}");

    assertThat(hostFailure("a", "isos", "none")).contains("there is no none");
    assertThat(hostFailure("b", "isos", "link")).contains("symbolic link");
    assertThat(hostFailure("c", "closed", "x")).contains("may not be used from namespace default");
    assertThat(hostFailure("d", "nothing", "x")).contains("HostResource nothing does not exist");
  }

  @Test
  void aChangedDeclarationIsLookedAtAgain() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(disk));
    present(get(store.ensure(image)));

    StoredObject asQcow2 =
        objects.put(
            ResourceKind.VmImage,
            "default",
            "deb",
            2,
            "{'source':{'http':{'url':'" + web.url("/image") + "'}},'format':'QCOW2'}");

    assertThat(failure(store.state(asQcow2)).message()).contains("no QCOW2 header");
    assertThat(present(store.state(image)).header().format()).isEqualTo(Format.Raw);
  }

  @Test
  void anImageThatVanishedFromTheStoreIsAbsentAgain() throws Exception {
    StoredObject image = http("deb", web.url("/image"), sha256(disk));
    Present present = present(get(store.ensure(image)));

    Trees.delete(present.file().getParent());

    assertThat(store.state(image)).isEqualTo(new Absent());
    present(get(store.ensure(image)));
  }

  @Test
  void collectsOnlyWhatNobodyNeeds() throws Exception {
    Present kept = present(get(store.ensure(http("kept", web.url("/image"), sha256(disk)))));
    Present used = present(get(store.ensure(http("used", web.url("/image"), sha256(disk)))));
    Present gone = present(get(store.ensure(http("gone", web.url("/image"), sha256(disk)))));
    Files.createDirectories(temp.resolve("images/uid-old.partial"));
    Files.createDirectories(temp.resolve("images/somebody elses"));

    int count = store.collect(Set.of("uid-kept"), () -> Set.of(used.file()));

    assertThat(count).isEqualTo(2);
    assertThat(kept.file()).exists();
    assertThat(used.file()).exists();
    assertThat(gone.file().getParent()).doesNotExist();
    assertThat(leftOver()).contains("somebody elses").doesNotContain("uid-old.partial");
  }

  @Test
  void nothingIsRememberedOfImagesWhoseObjectsAreGone() throws Exception {
    store.ensure(http("kept", web.url("/image"), sha256(disk))).toCompletableFuture().join();
    store.ensure(http("used", web.url("/image"), sha256(disk))).toCompletableFuture().join();
    // This one leaves nothing on the disk by which it could be found.
    store.ensure(http("failed", web.url("/image"), "0".repeat(64))).toCompletableFuture().join();
    Present used = present(store.state(http("used", web.url("/image"), sha256(disk))));
    assertThat(store.remembered()).isEqualTo(3);

    store.collect(Set.of("uid-kept"), () -> Set.of(used.file()));

    assertThat(store.remembered()).isEqualTo(1);
    assertThat(used.file()).exists();
  }

  @Test
  void aFullDiskLeavesNothingAndIsSaid() throws Exception {
    Path small = Files.createDirectories(temp.resolve("small"));
    assumeTrue(BindMounts.possible());
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small.toString()) == 0);
    try {
      byte[] big = java.util.Arrays.copyOf(disk, 20 << 20);
      new Random(1).nextBytes(big);
      big[510] = 0x55;
      big[511] = (byte) 0xaa;
      web.content = big;
      store.close();
      store = open(small.resolve("images"));

      ImageFailure told = failure(get(store.ensure(http("a", web.url("/image"), sha256(big)))));
      assertThat(told).isInstanceOf(ImageFailure.DiskFull.class);
      assertThat(told.message()).contains("too full", "21.0 MiB needed");

      // Nobody told the size beforehand: the kernel says it.
      Path source = Files.write(temp.resolve("big"), big);
      var partial = new PartialFile(small.resolve("images/uid-b.partial"));
      objects.resource("big", "{'type':'File','path':'" + source + "'}");
      store.close();
      store =
          new ImageStore(
              small.resolve("images"),
              new References(objects),
              limits(-(100L << 20), Duration.ofSeconds(1), Duration.ofHours(1)),
              (_, _) -> {});
      StoredObject copied = objects.image("b", "{'source':{'hostResourceRef':{'name':'big'}}}");
      assertThat(failure(get(store.ensure(copied)))).isInstanceOf(ImageFailure.DiskFull.class);
      assertThat(partial.directory()).doesNotExist();
      try (Stream<Path> left = Files.list(small.resolve("images"))) {
        assertThat(left).isEmpty();
      }
    } finally {
      store.close();
      assertThat(run("umount", small.toString())).isZero();
    }
  }

  @Test
  void triesAgainOnDemandAfterAWhileButNotWhatCannotHelp() throws Exception {
    store.close();
    store =
        new ImageStore(
            temp.resolve("images"),
            new References(objects),
            limits(1 << 20, Duration.ofSeconds(1), Duration.ofMillis(1)),
            (_, _) -> {});
    StoredObject broken = http("broken", web.url("/image"), sha256(disk));
    StoredObject wrong = http("wrong", web.url("/image"), sha256(new byte[1]));
    web.breakAfter = 600_000;
    failure(get(store.ensure(broken)));
    web.breakAfter = Long.MAX_VALUE;
    failure(get(store.ensure(wrong)));
    int requests = web.ranges.size();

    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!(get(store.ensure(broken)) instanceof Present)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }

    assertThat(failure(get(store.ensure(wrong)))).isInstanceOf(ImageFailure.ChecksumMismatch.class);
    assertThat(web.ranges).hasSize(requests + 1);
  }

  private static ImageLimits limits(long reserve, Duration idle, Duration retry) {
    return new ImageLimits(64L << 40, reserve, Duration.ofSeconds(5), idle, retry, 1);
  }

  private String hostFailure(String name, String resource, String path) throws Exception {
    StoredObject image =
        objects.image(
            name,
            "{'source':{'hostResourceRef':{'name':'" + resource + "','path':'" + path + "'}}}");
    return failure(get(store.ensure(image))).message();
  }

  private StoredObject http(String name, String url, String checksum) {
    return objects.image(
        name, "{'source':{'http':{'url':'" + url + "'}},'checksum':'" + checksum + "'}");
  }

  private ImageStore open(Path directory) throws IOException {
    return new ImageStore(
        directory, new References(objects), LIMITS, (_, state) -> told.add(state));
  }

  private List<String> leftOver() throws IOException {
    try (Stream<Path> left = Files.list(temp.resolve("images"))) {
      return left.map(p -> p.getFileName().toString()).toList();
    }
  }

  private static ImageState get(CompletionStage<ImageState> stage) throws Exception {
    CompletableFuture<ImageState> done = new CompletableFuture<>();
    stage.whenComplete(
        (state, e) -> {
          if (e == null) {
            done.complete(state);
          } else {
            done.completeExceptionally(e);
          }
        });
    return done.get(30, TimeUnit.SECONDS);
  }

  private static Present present(ImageState state) {
    assertThat(state).isInstanceOf(Present.class);
    return (Present) state;
  }

  private static ImageFailure failure(ImageState state) {
    assertThat(state).isInstanceOf(Failed.class);
    return ((Failed) state).failure();
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  private static String sha256(byte[] content) {
    return digest("SHA-256", content);
  }

  private static String digest(String algorithm, byte[] content) {
    try {
      return algorithm.toLowerCase(Locale.ROOT).replace("-", "")
          + ":"
          + HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
