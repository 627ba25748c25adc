package dev.lodge.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChecksumFileTest {
  private static final String SHORT = "0123456789abcdef".repeat(4);
  private static final String LONG = "fedcba9876543210".repeat(8);

  @Test
  void readsLinesOfCoreutilsTextOrBinary() {
    String text =
        """
        %s  debian-12-generic-amd64.qcow2
        %s  debian-12-genericcloud-amd64.qcow2
        %s *noble.img
        """
            .formatted("0".repeat(128), LONG, SHORT.toUpperCase(java.util.Locale.ROOT));

    assertThat(ChecksumFile.checksum(text, "debian-12-genericcloud-amd64.qcow2"))
        .contains("sha512:" + LONG);
    assertThat(ChecksumFile.checksum(text, "noble.img")).contains("sha256:" + SHORT);
  }

  @Test
  void readsLinesOfBsdWithinASignedMessage() {
    String text =
        """
        -----BEGIN PGP SIGNED MESSAGE-----
        Hash: SHA256

        # cloud-9.qcow2: 567 bytes
        MD5 (cloud-9.qcow2) = 0123456789abcdef0123456789abcdef
        SHA256 (cloud-9.qcow2) = %s
        -----BEGIN PGP SIGNATURE-----
        """
            .formatted(SHORT);

    assertThat(ChecksumFile.checksum(text, "cloud-9.qcow2")).contains("sha256:" + SHORT);
  }

  @Test
  void prefersTheLongerOne() {
    String text = SHORT + "  a.img\n" + LONG + "  a.img\n" + SHORT + "  a.img\n";

    assertThat(ChecksumFile.checksum(text, "a.img")).contains("sha512:" + LONG);
  }

  @Test
  void takesNoOtherFileAndNoOtherSum() {
    String text =
        """
        %s  sub/a.img
        %s  a.img.sig
        0123456789abcdef0123456789abcdef  a.img
        %s
        <html>a.img</html>
        """
            .formatted(SHORT, SHORT, SHORT);

    assertThat(ChecksumFile.checksum(text, "a.img")).isEmpty();
    assertThat(ChecksumFile.checksum("", "a.img")).isEmpty();
    assertThat(ChecksumFile.checksum(SHORT + "  \n", "")).isEmpty();
  }
}
