package dev.lodge.agent.apiserver;

import dev.lodge.agent.store.DurableFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Certificate, key and token of the loopback listener, kept in a directory that only the agent's
 * user reads. The certificate vouches for itself: its clients get it in the kubeconfig. It is made
 * by the JDK's keytool, because the JDK has no public API for it and a library for one certificate
 * a year would cost more than it gives.
 */
final class LoopbackIdentity {
  private static final Duration VALID = Duration.ofDays(365);
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);
  private static final long KEYTOOL_SECONDS = 30;
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43}");

  private final Path dir;
  private final Clock clock;

  /**
   * @param stateDir the agent's state; {@code tls/} is made in it
   */
  LoopbackIdentity(Path stateDir, Clock clock) {
    this.dir = stateDir.resolve("tls");
    this.clock = clock;
  }

  Path certificate() {
    return dir.resolve("tls.crt");
  }

  Path key() {
    return dir.resolve("tls.key");
  }

  /**
   * Makes what is not there, and renews a certificate that ends within 30 days.
   *
   * @return whether the certificate is new
   * @throws IOException the directory cannot be written, or keytool is missing or failed
   */
  boolean ensureCertificate() throws IOException {
    Files.createDirectories(
        dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (usable()) {
      return false;
    }
    make();
    return true;
  }

  private boolean usable() {
    try (InputStream in = Files.newInputStream(certificate())) {
      X509Certificate c =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      return Files.isReadable(key())
          && clock.instant().plus(RENEW_BEFORE).isBefore(c.getNotAfter().toInstant())
          && clock.instant().isAfter(c.getNotBefore().toInstant());
    } catch (IOException | GeneralSecurityException e) {
      return false; // Missing or broken: a new one is made, clients read it from the kubeconfig.
    }
  }

  private void make() throws IOException {
    Path work = Files.createTempDirectory(dir, "new");
    Path store = work.resolve("keystore.p12");
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    String password = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    try {
      keytool(store, password);
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(new ByteArrayInputStream(Files.readAllBytes(store)), password.toCharArray());
      Key key = keys.getKey("lodge", password.toCharArray());
      Certificate certificate = keys.getCertificate("lodge");
      DurableFiles.write(key(), pem("PRIVATE KEY", key.getEncoded()));
      DurableFiles.write(certificate(), pem("CERTIFICATE", certificate.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IOException("keytool made a key store that cannot be read", e);
    } finally {
      Files.deleteIfExists(store);
      Files.deleteIfExists(work);
    }
  }

  private static void keytool(Path store, String password) throws IOException {
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    if (!Files.isExecutable(keytool)) {
      throw new IOException(
          "--listen needs the Java runtime's keytool, and " + keytool + " is not there");
    }
    ProcessBuilder command =
        new ProcessBuilder(
                keytool.toString(),
                "-genkeypair",
                "-alias",
                "lodge",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-sigalg",
                "SHA256withECDSA",
                "-dname",
                "CN=lodge-agent",
                "-ext",
                "san=ip:127.0.0.1,ip:::1,dns:localhost",
                "-ext",
                "eku=serverAuth",
                "-validity",
                Long.toString(VALID.toDays()),
                "-startdate",
                "-1H",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass:env",
                "LODGE_STORE_PASSWORD")
            .redirectErrorStream(true);
    // By the environment: a command line can be read by every user of the host.
    command.environment().put("LODGE_STORE_PASSWORD", password);
    Process process = command.start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("keytool did not end within " + KEYTOOL_SECONDS + " s");
      }
      String said =
          new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0) {
        throw new IOException("keytool failed: " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static byte[] pem(String what, byte[] der) {
    return ("-----BEGIN "
            + what
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END "
            + what
            + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** The token, made once and kept. */
  String ensureToken() throws IOException {
    Path file = dir.resolve("token");
    try {
      String kept = Files.readString(file).strip();
      if (TOKEN.matcher(kept).matches()) {
        return kept;
      }
    } catch (NoSuchFileException e) {
      // The first start.
    }
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    DurableFiles.write(file, (token + "\n").getBytes(StandardCharsets.US_ASCII));
    return token;
  }

  /** Writes what kubectl needs to come here. JSON is YAML, too. */
  void writeKubeconfig(Path file, String server, String token) throws IOException {
    var config = ApiJson.object().put("apiVersion", "v1").put("kind", "Config");
    config
        .putArray("clusters")
        .addObject()
        .put("name", "lodge")
        .putObject("cluster")
        .put("server", server)
        .put(
            "certificate-authority-data",
            Base64.getEncoder().encodeToString(Files.readAllBytes(certificate())));
    config.putArray("users").addObject().put("name", "lodge").putObject("user").put("token", token);
    config
        .putArray("contexts")
        .addObject()
        .put("name", "lodge")
        .putObject("context")
        .put("cluster", "lodge")
        .put("user", "lodge")
        .put("namespace", "default");
    config.put("current-context", "lodge");
    DurableFiles.write(file, ApiJson.bytes(config));
  }
}
