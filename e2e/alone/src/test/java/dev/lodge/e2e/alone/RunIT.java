package dev.lodge.e2e.alone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code lodge run} with a short name, from its publisher: on a node where the publisher's name is
 * that of a server of the test's, whose certificate the node trusts.
 */
class RunIT {
  private static final String HOST = "cloud.debian.org";

  @TempDir Path directory;
  private Installation lodge;

  @BeforeEach
  void aPublisher() throws Exception {
    Path keys = directory.resolve("publisher.p12");
    Path trust = directory.resolve("trust.p12");
    Path certificate = directory.resolve("publisher.pem");
    keytool(
        "-genkeypair -alias it -keyalg EC -validity 2 -dname CN=test -ext san=dns:" + HOST, keys);
    keytool("-exportcert -alias it -rfc -file " + certificate, keys);
    keytool("-importcert -alias it -noprompt -file " + certificate, trust);
    String trusting =
        "-Djavax.net.ssl.trustStore=" + trust + " -Djavax.net.ssl.trustStorePassword=password";
    lodge =
        Installation.start(Map.of("LODGE_AGENT_JAVA_OPTS", trusting, "JDK_JAVA_OPTIONS", trusting));
    lodge.inNode("sh", "-c", "echo 127.0.0.1 " + HOST + " >>/etc/hosts");
    lodge.startInNode(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        Path.of("target/test-classes").toAbsolutePath().toString(),
        Publisher.class.getName(),
        keys.toString(),
        directory.toString());
  }

  @AfterEach
  void stop() throws Exception {
    if (lodge != null) {
      lodge.close();
    }
  }

  @Test
  void a_short_name_is_fetched_by_the_checksum_that_its_publisher_gives() throws Exception {
    String sum = publish("bookworm", "debian-12-genericcloud-amd64.qcow2");
    Path userData = directory.resolve("user-data");
    Files.writeString(userData, "#cloud-config\nhostname: web\n");

    var run = run("debian-12", "--name", "web", "--user-data", userData.toString());

    run.ok();
    assertThat(lodge.lodge("get", "vmimg", "debian-12", "-o", "json").ok().out())
        .contains("sha512:" + sum, "https://" + HOST + "/images/cloud/bookworm/latest/");
    lodge.awaitLog("web", "serial", "GUEST-READY host=web ip=10.");
    // The image is there now, and its name stands for it: nobody is asked again.
    Files.delete(image("bookworm", "SHA512SUMS"));
    run("debian-12", "--name", "db").ok();
    assertThat(lodge.phase("db")).isEqualTo("Running");
  }

  @Test
  void an_image_that_is_not_the_publishers_starts_nothing() throws Exception {
    publish("trixie", "debian-13-genericcloud-amd64.qcow2");
    Files.write(
        image("trixie", "debian-13-genericcloud-amd64.qcow2"),
        new byte[] {1},
        StandardOpenOption.APPEND);

    var run = run("debian-13");

    assertThat(run.code()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains("checksum: expected sha512:");
    assertThat(lodge.phase("debian-13")).isNotEqualTo("Running");
  }

  /** Waits for the publisher too: it may still be starting. */
  private Installation.Result run(String... words) {
    var all = new ArrayList<>(List.of("run", "-d", "--memory", "192Mi"));
    all.addAll(List.of(words));
    var last = new Installation.Result[1];
    lodge.await(
        "the publisher to answer",
        Duration.ofSeconds(60),
        () -> {
          last[0] = lodge.lodgeInNode(all.toArray(String[]::new));
          return !last[0].err().contains("cannot be reached");
        });
    return last[0];
  }

  private Path image(String release, String file) {
    return directory.resolve("images/cloud").resolve(release).resolve("latest").resolve(file);
  }

  /** The mini guest as the image of a release; returns its checksum. */
  private String publish(String release, String file) throws Exception {
    Path image = image(release, file);
    Files.createDirectories(image.getParent());
    Files.copy(Installation.GUESTS.resolve("mini-disk.qcow2"), image);
    String sum =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(image)));
    Files.writeString(
        image(release, "SHA512SUMS"),
        "0".repeat(128) + "  other.qcow2\n" + sum + "  " + file + "\n");
    return sum;
  }

  private static void keytool(String words, Path store) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(words.split(" ")));
    command.addAll(
        List.of(
            "-storetype",
            "PKCS12",
            "-storepass",
            Publisher.PASSWORD,
            "-keystore",
            store.toString()));
    Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(p.waitFor()).as(said).isZero();
  }
}
