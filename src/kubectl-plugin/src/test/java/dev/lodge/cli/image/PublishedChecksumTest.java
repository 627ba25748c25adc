package dev.lodge.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import java.net.URI;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server with TLS. */
class PublishedChecksumTest {
  private static final URI IMAGE = URI.create("https://images.example/latest/disk.qcow2?x=1");
  private static final String SUM = "0123456789abcdef".repeat(8);

  @TempDir Path directory;
  private TlsServer server;
  private SSLContext before;

  @BeforeEach
  void aPublisherThatThisHostTrusts() throws Exception {
    before = SSLContext.getDefault();
    server = new TlsServer(directory);
    SSLContext.setDefault(server.context());
  }

  @AfterEach
  void close() {
    SSLContext.setDefault(before);
    server.close();
  }

  @Test
  void readsTheSumOfTheImageFromThePublishersFile() {
    URI sums = server.answer("/SHA512SUMS", 200, SUM + "  disk.qcow2\n");

    assertThat(PublishedChecksum.of(sums, IMAGE)).isEqualTo("sha512:" + SUM);
  }

  @Test
  void followsToAnotherPlaceButNeverOutOfTls() {
    server.answer("/SHA512SUMS", 200, SUM + "  disk.qcow2\n");
    URI moved = server.answer("/moved", 302, "", "Location", server.url("/SHA512SUMS").toString());
    URI out = server.answer("/out", 302, "", "Location", "http://localhost:1/SHA512SUMS");

    assertThat(PublishedChecksum.of(moved, IMAGE)).isEqualTo("sha512:" + SUM);
    assertThat(failure(out).getMessage()).contains("the server answers 302");
  }

  @Test
  void saysWhatIsWrong() {
    URI other = server.answer("/other", 200, SUM + "  other.qcow2\n");
    URI gone = server.answer("/gone", 404, "");
    URI huge = server.answer("/huge", 200, "x".repeat((4 << 20) + 1));

    assertThat(failure(other).code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(failure(other).getMessage())
        .contains("no sha256 or sha512 checksum of 'disk.qcow2'");
    assertThat(failure(gone).getMessage()).contains("no checksum from " + gone, "404");
    assertThat(failure(huge).getMessage()).contains("too long");
    assertThat(failure(URI.create("http://localhost:1/SUMS")).code()).isEqualTo(ExitCode.USAGE);
    assertThat(failure(URI.create("https://localhost:1/SUMS")).getMessage())
        .contains("localhost cannot be reached");
  }

  @Test
  void trustsNobodyWithoutACertificateThatTheHostTrusts() {
    URI sums = server.answer("/SHA512SUMS", 200, SUM + "  disk.qcow2\n");
    SSLContext.setDefault(before);

    assertThat(failure(sums).getMessage()).contains("has no certificate that this host trusts");
  }

  private static Failure failure(URI sums) {
    return assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> PublishedChecksum.of(sums, IMAGE))
        .actual();
  }
}
