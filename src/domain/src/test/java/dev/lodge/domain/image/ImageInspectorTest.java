package dev.lodge.domain.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import dev.lodge.domain.image.Inspection.Accepted;
import dev.lodge.domain.image.Inspection.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageInspectorTest {
  private static final long GIB = 1L << 30;

  @Test
  void acceptsAPlainQcow2OfEitherVersion() {
    assertThat(inspect(qcow2(_ -> {}), null))
        .isEqualTo(new Accepted(new ImageHeader.Qcow2(3, 16, 10 * GIB, null), 10 * GIB));
    assertThat(inspect(qcow2(h -> h.putInt(4, 2)), Format.QCOW2))
        .isEqualTo(new Accepted(new ImageHeader.Qcow2(2, 16, 10 * GIB, null), 10 * GIB));
  }

  @Test
  void acceptsDirtyZstdExtendedL2AndSnapshots() {
    assertAccepted(qcow2(h -> h.putLong(72, 1)));
    assertAccepted(qcow2(h -> h.putLong(72, 1 << 3)));
    assertAccepted(qcow2(h -> h.putLong(72, 1 << 4).putInt(36, 40)));
    assertAccepted(qcow2(h -> h.putInt(60, 2).putLong(64, 2 << 16)));
  }

  @Test
  void refusesEveryBackingFile() {
    for (String name :
        new String[] {
          "/etc/shadow",
          "base.qcow2",
          "json:{\"driver\":\"nbd\"}",
          "nbd:127.0.0.1:10809",
          "x\n\u001b[2J"
        }) {
      byte[] image =
          qcow2(
              h -> {
                byte[] bytes = name.getBytes(UTF_8);
                h.putLong(8, 1024).putInt(16, bytes.length);
                h.position(1024).put(bytes);
              });
      Refused refused = refused(image, null);
      assertThat(refused.reason()).contains("backing file");
      assertThat(refused.message()).doesNotContain("\n", "\u001b").contains("qemu-img convert");
    }
  }

  @Test
  void refusesAnExternalDataFileByBitAndByExtension() {
    assertThat(refused(qcow2(h -> h.putLong(72, 1 << 2)), null).reason()).contains("data file");
    byte[] byExtension =
        qcow2(
            h -> {
              h.position(104);
              h.putInt(Qcow2Header.EXT_DATA_FILE).putInt(11).put("/etc/shadow".getBytes(UTF_8));
            });
    assertThat(refused(byExtension, null).reason()).contains("data file");
  }

  @Test
  void refusesUnknownCorruptAndEncrypted() {
    assertThat(refused(qcow2(h -> h.putLong(72, 1L << 5)), null).reason())
        .contains("unknown features");
    assertThat(refused(qcow2(h -> h.putLong(72, Long.MIN_VALUE)), null).reason())
        .contains("0x8000000000000000");
    assertThat(refused(qcow2(h -> h.putLong(72, 2)), null).reason()).contains("corrupt");
    assertThat(refused(qcow2(h -> h.putInt(32, 1)), null).reason()).contains("encrypted");
    assertThat(refused(qcow2(h -> h.putInt(32, 2)), null).reason()).contains("encrypted");
    byte[] luks =
        qcow2(
            h -> {
              h.position(104);
              h.putInt(Qcow2Header.EXT_CRYPTO).putInt(16);
            });
    assertThat(refused(luks, null).reason()).contains("encrypted");
  }

  @Test
  void refusesBombs() {
    assertThat(refused(qcow2(h -> h.putLong(24, Long.MAX_VALUE)), null).reason())
        .contains("virtual size");
    assertThat(refused(qcow2(h -> h.putLong(24, -1)), null).reason()).contains("virtual size");
    assertThat(refused(qcow2(h -> h.putLong(24, 0)), null).reason()).contains("virtual size");
    assertThat(refused(qcow2(h -> h.putLong(24, (64L << 40) + 1)), null).reason())
        .contains("virtual size");
    assertThat(refused(qcow2(h -> h.putInt(36, -1)), null).reason()).contains("first level table");
    assertThat(refused(qcow2(h -> h.putInt(36, 1)), null).reason()).contains("too small");
    assertThat(refused(qcow2(h -> h.putInt(56, -1)), null).reason()).contains("refcount table");
    assertThat(refused(qcow2(h -> h.putInt(56, 0)), null).reason()).contains("refcount table");
    assertThat(refused(qcow2(h -> h.putInt(60, -1)), null).reason()).contains("snapshots");
  }

  @Test
  void refusesTablesBeyondTheFile() {
    assertThat(refused(qcow2(h -> h.putLong(40, 1L << 40)), null).reason()).contains("beyond");
    assertThat(refused(qcow2(h -> h.putLong(40, Long.MAX_VALUE & ~0xffffL)), null).reason())
        .contains("beyond");
    assertThat(refused(qcow2(h -> h.putLong(40, -65536)), null).reason()).contains("begin");
    assertThat(refused(qcow2(h -> h.putLong(40, 12345)), null).reason()).contains("begin");
    assertThat(refused(qcow2(h -> h.putLong(48, 1L << 40)), null).reason()).contains("beyond");
    assertThat(refused(qcow2(h -> h.putInt(60, 1).putLong(64, 1L << 40)), null).reason())
        .contains("beyond");
    assertThat(refused(qcow2(h -> h.putLong(3 << 16, 1L << 40)), null).reason())
        .contains("second level table");
  }

  @Test
  void refusesAHeaderThatMakesNoSense() {
    for (int bits : new int[] {0, 8, 22, 63, -1}) {
      assertThat(refused(qcow2(h -> h.putInt(20, bits)), null).reason()).contains("cluster_bits");
    }
    assertThat(refused(qcow2(h -> h.putInt(4, 1)), null).reason()).contains("version 1");
    assertThat(refused(qcow2(h -> h.putInt(4, 4)), null).reason()).contains("version 4");
    assertThat(refused(qcow2(h -> h.putInt(96, 7)), null).reason()).contains("refcount_order");
    assertThat(refused(qcow2(h -> h.putInt(100, 72)), null).reason()).contains("header_length");
    assertThat(refused(qcow2(h -> h.putInt(100, -8)), null).reason()).contains("header_length");
    assertThat(refused(qcow2(h -> h.putInt(104, 99).putInt(108, -1)), null).reason())
        .contains("extension");
    assertThat(refused(qcow2(h -> h.putLong(8, 1L << 40).putInt(16, 4)), null).reason())
        .contains("outside the header");
    assertThat(refused(qcow2(h -> h.putLong(8, 1024).putInt(16, 5000)), null).reason())
        .contains("outside the header");
    assertThat(refused(Arrays.copyOf(qcow2(_ -> {}), 60), null).reason()).contains("cut off");
  }

  @Test
  void neverThrowsAndNeverAcceptsAForeignFileWhateverTheBytes() throws IOException {
    var random = new Random(20260101);
    byte[] plain = qcow2(_ -> {});
    for (int i = 0; i < 20_000; i++) {
      byte[] image = plain.clone();
      for (int k = 0; k < 1 + random.nextInt(6); k++) {
        image[4 + random.nextInt(140)] = (byte) random.nextInt(256);
      }
      byte[] cut =
          Arrays.copyOf(image, random.nextInt(20) == 0 ? random.nextInt(300) + 1 : image.length);
      Inspection got = ImageInspector.inspect(ImageBytes.of(cut), null, InspectionPolicy.FOREIGN);
      if (got instanceof Accepted a) {
        assertThat(a.header())
            .isInstanceOfSatisfying(
                ImageHeader.Qcow2.class, q -> assertThat(q.backingFile()).isNull());
        assertThat(ByteBuffer.wrap(cut).getInt(4) == 3 && (cut[79] & 4) != 0).isFalse();
      }
    }
  }

  @Test
  void aQcow2DeclaredRawIsRefusedWithTheMend() {
    assertThat(refused(qcow2(_ -> {}), Format.Raw).mend()).isEqualTo("say format: QCOW2");
    assertThat(refused(new byte[4096], Format.QCOW2).mend()).contains("format: Raw");
  }

  @ParameterizedTest
  @CsvSource({
    "VMDK, KDMV",
    "VMDK, COWD",
    "VMDK, # Disk DescriptorFile",
    "VHDX, vhdxfile",
    "VHD, conectix",
    "Parallels, WithoutFreeSpace"
  })
  void refusesFormatsOfOthersHoweverDeclared(String name, String magic) {
    byte[] image = Arrays.copyOf(magic.getBytes(ISO_8859_1), 8192);
    for (Format declared : new @Nullable Format[] {null, Format.Raw, Format.QCOW2}) {
      assertThat(refused(image, declared).message()).contains(name, "qemu-img convert");
    }
  }

  @Test
  void refusesQedLuksAndVdi() {
    assertThat(refused(Arrays.copyOf("QED\0".getBytes(ISO_8859_1), 512), Format.Raw).reason())
        .contains("QED");
    byte[] luks = Arrays.copyOf("LUKS\u00ba\u00be".getBytes(ISO_8859_1), 512);
    assertThat(refused(luks, null).reason()).contains("LUKS");
    byte[] vdi = new byte[512];
    ByteBuffer.wrap(vdi).putInt(0x40, 0x7f10dabe);
    assertThat(refused(vdi, Format.Raw).reason()).contains("VDI");
  }

  @Test
  void knowsIsoKernelsInitrdsAndPartitionedDisks() {
    byte[] iso = with(new byte[40_000], 32769, "CD001");
    assertFormat(iso, null, Format.ISO);
    assertFormat(iso, Format.Raw, Format.Raw);
    assertFormat(with(new byte[4096], 0x202, "HdrS"), null, Format.Kernel);
    assertFormat(with(new byte[4096], 0, "\u007fELF"), Format.Kernel, Format.Kernel);
    assertFormat(with(new byte[4096], 0, "070701"), null, Format.Initrd);
    assertFormat(with(new byte[4096], 0, "\u001f\u008b"), Format.Initrd, Format.Initrd);
    assertFormat(with(new byte[4096], 0, "\u0004\"M\u0018"), Format.Initrd, Format.Initrd);
    assertFormat(with(new byte[4096], 510, "U\u00aa"), null, Format.Raw);
    assertFormat(with(new byte[4096], 512, "EFI PART"), null, Format.Raw);
    assertFormat(new byte[65536], Format.ROM, Format.ROM);
  }

  @ParameterizedTest
  @EnumSource(
      value = Format.class,
      names = {"QCOW2", "ISO", "Kernel", "Initrd"})
  void refusesZerosDeclaredAsAnythingThatHasAHeader(Format declared) {
    assertThat(refused(new byte[65536], declared).mend()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"<!DOCTYPE html><title>Login</title>", "\n <html>", "<?xml version='1.0'?>"})
  void aWebPageIsNoImage(String page) {
    assertThat(refused(page.getBytes(UTF_8), null).reason()).contains("web page");
  }

  @Test
  void refusesWhatItCannotTell() {
    assertThat(refused(new byte[4096], null).mend()).contains("format: Raw");
    assertThat(refused(with(new byte[4096], 0, "\u001f\u008b"), null).message())
        .contains("gzip", "format: Initrd");
    assertThat(refused(new byte[0], Format.Raw).reason()).contains("empty");
    assertThat(refused(new byte[5000], Format.ROM).reason()).contains("4096");
    assertThat(refused(new byte[(16 << 20) + 4096], Format.ROM).reason()).contains("16 MiB");
  }

  @Test
  void theCapHoldsForRawToo() throws IOException {
    Inspection got =
        ImageInspector.inspect(
            ImageBytes.of(new byte[8192]), Format.Raw, new InspectionPolicy(4096, null, true));
    assertThat(got).isInstanceOf(Refused.class);
  }

  private static void assertAccepted(byte[] image) {
    assertThat(inspect(image, null)).isInstanceOf(Accepted.class);
  }

  private static void assertFormat(byte[] image, @Nullable Format declared, Format expected) {
    assertThat(inspect(image, declared))
        .isInstanceOfSatisfying(
            Accepted.class, a -> assertThat(a.header().format()).isEqualTo(expected));
  }

  private static Refused refused(byte[] image, @Nullable Format declared) {
    Inspection got = inspect(image, declared);
    assertThat(got).isInstanceOf(Refused.class);
    return (Refused) got;
  }

  private static Inspection inspect(byte[] image, @Nullable Format declared) {
    try {
      return ImageInspector.inspect(ImageBytes.of(image), declared, InspectionPolicy.FOREIGN);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] with(byte[] bytes, int offset, String mark) {
    byte[] m = mark.getBytes(ISO_8859_1);
    System.arraycopy(m, 0, bytes, offset, m.length);
    return bytes;
  }

  /** A sound image of 10 GiB, then spoilt. */
  private static byte[] qcow2(Consumer<ByteBuffer> spoil) {
    EmptyQcow2 empty = EmptyQcow2.of(10 * GIB, null);
    byte[] image = Arrays.copyOf(empty.head(), (int) empty.fileSize());
    spoil.accept(ByteBuffer.wrap(image));
    return image;
  }
}
