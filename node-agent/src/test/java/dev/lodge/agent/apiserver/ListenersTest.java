package dev.lodge.agent.apiserver;

import static dev.lodge.agent.apiserver.ApiHarness.VMS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ListenersTest {
  @TempDir Path dir;
  private ApiHarness api;
  private JsonNode kubeconfig;
  private int port;

  @BeforeEach
  void start() throws IOException {
    api = listening();
    kubeconfig = new ObjectMapper().readTree(dir.resolve("state/kubeconfig").toFile());
    port = api.server.port().orElseThrow();
  }

  private ApiHarness listening() throws IOException {
    return new ApiHarness(
        dir,
        ApiServerConfig.Limits.DEFAULT,
        Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void socketAndSecretsAreForTheAgentsUserAlone() throws IOException {
    assertThat(mode(api.socket)).isEqualTo("rw-------");
    assertThat(mode(dir.resolve("state/kubeconfig"))).isEqualTo("rw-------");
    assertThat(mode(dir.resolve("state/tls"))).isEqualTo("rwx------");
    assertThat(mode(dir.resolve("state/tls/tls.key"))).isEqualTo("rw-------");
    assertThat(mode(dir.resolve("state/tls/token"))).isEqualTo("rw-------");
    try (var files = Files.list(dir)) {
      assertThat(files.map(p -> p.getFileName().toString())).noneMatch(n -> n.startsWith(".s"));
    }
    try (var files = Files.list(dir.resolve("state/tls"))) {
      assertThat(files.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("tls.crt", "tls.key", "token");
    }
  }

  @Test
  void aStaleSocketIsReplacedAndALiveOneIsRespected() throws IOException {
    assertThatThrownBy(() -> new ApiHarness(dir)).hasMessageContaining("another agent serves");
    assertThat(api.get("/healthz").code()).isEqualTo(200);
    api.close();
    assertThat(Files.exists(api.socket)).isFalse();
    Files.createFile(api.socket);

    api = new ApiHarness(dir);

    assertThat(api.get("/healthz").code()).isEqualTo(200);
  }

  @Test
  void aPathThatLinuxCannotBindIsRefusedWithTheReason() {
    assertThatThrownBy(() -> new ApiHarness(dir.resolve("d".repeat(100))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long");
  }

  @Test
  void onlyLoopbackIsListenedOn() throws Exception {
    for (String address : new String[] {"0.0.0.0", "192.0.2.1", "::"}) {
      InetAddress a = InetAddress.getByName(address);
      assertThatThrownBy(
              () ->
                  new ApiServerConfig(
                      dir.resolve("s"),
                      Optional.empty(),
                      Optional.of(new InetSocketAddress(a, 6444)),
                      dir,
                      "0",
                      ApiServerConfig.Limits.DEFAULT))
          .as(address)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("loopback");
    }
    assertThatThrownBy(
            () ->
                new ApiServerConfig(
                    dir.resolve("s"),
                    Optional.empty(),
                    Optional.of(InetSocketAddress.createUnresolved("localhost", 6444)),
                    dir,
                    "0",
                    ApiServerConfig.Limits.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPortThatIsTakenIsSaidSoAndNothingIsLeft() throws IOException {
    Path other = dir.resolve("other");
    InetSocketAddress taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);

    assertThatThrownBy(
            () -> new ApiHarness(other, ApiServerConfig.Limits.DEFAULT, Optional.of(taken)))
        .hasMessage("cannot listen on localhost:" + port + ": Address already in use");

    try (var files = Files.list(other)) {
      assertThat(files.map(p -> p.getFileName().toString())).containsExactly("state");
    }
  }

  private String token() {
    return kubeconfig.at("/users/0/user/token").asText();
  }

  /** By TLS, trusting exactly what the kubeconfig says and checking the name. */
  private RawHttp.Answer tls(String head) throws Exception {
    byte[] pem =
        Base64.getDecoder()
            .decode(kubeconfig.at("/clusters/0/cluster/certificate-authority-data").asText());
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry(
        "lodge",
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem)));
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      return RawHttp.over(socket).send(head).answer();
    }
  }

  private String request(String path, String host, String more) {
    return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\n";
  }

  @Test
  void onLoopbackTheTokenIsWhatCounts() throws Exception {
    String host = "127.0.0.1:" + port;

    assertThat(kubeconfig.at("/clusters/0/cluster/server").asText()).isEqualTo("https://" + host);
    assertThat(tls(request(VMS, host, "Authorization: Bearer " + token() + "\r\n")).code())
        .isEqualTo(200);
    for (String bad :
        new String[] {
          "",
          "Authorization: Bearer \r\n",
          "Authorization: Bearer " + token() + "x\r\n",
          "Authorization: Bearer " + token().substring(1) + "\r\n",
          "Authorization: Basic " + token() + "\r\n",
          "Authorization: " + token() + "\r\n",
          "Authorization: Bearer \u00ff\r\n",
        }) {
      RawHttp.Answer answer = tls(request(VMS, host, bad));
      assertThat(answer.code()).as(bad).isEqualTo(401);
      assertThat(answer.json().path("reason").asText()).isEqualTo("Unauthorized");
      assertThat(answer.headers()).containsKey("www-authenticate");
    }
    assertThat(tls(request("/metrics", host, "")).code()).isEqualTo(401);
    assertThat(tls(request("/healthz", host, "")).code()).isEqualTo(200);
    api.missing = Optional.of("libvirt");
    RawHttp.Answer notReady = tls(request("/readyz", host, ""));
    assertThat(notReady.code()).isEqualTo(500);
    assertThat(notReady.text()).contains("libvirt");
  }

  @Test
  void aBrowserThatWasLedHereIsRefusedEvenWithTheToken() throws Exception {
    String auth = "Authorization: Bearer " + token() + "\r\n";
    String host = "localhost:" + port;

    assertThat(tls(request(VMS, host, auth)).code()).isEqualTo(200);
    assertThat(tls(request(VMS, "evil.example:" + port, auth)).code()).isEqualTo(403);
    assertThat(tls(request(VMS, "127.0.0.1", auth)).code()).isEqualTo(403);
    assertThat(tls(request(VMS, "127.0.0.1.evil.example:" + port, auth)).code()).isEqualTo(403);
    assertThat(tls(request("/healthz", "evil.example:" + port, "")).code()).isEqualTo(403);
    assertThat(tls(request(VMS, host, auth + "Origin: https://evil.example\r\n")).code())
        .isEqualTo(403);
    assertThat(tls(request(VMS, host, auth + "Origin: http://" + host + "\r\n")).code())
        .isEqualTo(403);
    assertThat(tls(request(VMS, host, auth + "Origin: null\r\n")).code()).isEqualTo(403);
    assertThat(tls(request(VMS, host, auth + "Origin: https://" + host + "\r\n")).code())
        .isEqualTo(200);
  }

  @Test
  void plainHttpIsNotSpokenOnLoopback() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket
          .getOutputStream()
          .write(
              "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      assertThat(new String(answer, java.nio.charset.StandardCharsets.ISO_8859_1))
          .doesNotContain("HTTP/1.1");
    } catch (IOException reset) {
      assertThat(reset).isInstanceOf(IOException.class);
    }
  }

  @Test
  void certificateAndTokenAreKeptOverRestartsAndRenewedInTime() throws Exception {
    Path certificate = dir.resolve("state/tls/tls.crt");
    byte[] first = Files.readAllBytes(certificate);
    String token = token();
    api.close();
    api = listening();
    assertThat(Files.readAllBytes(certificate)).isEqualTo(first);
    assertThat(Files.readString(dir.resolve("state/tls/token")).strip()).isEqualTo(token);
    X509Certificate c =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(first));
    assertThat(c.getPublicKey().getAlgorithm()).isEqualTo("EC");
    assertThat(c.getSubjectAlternativeNames().toString())
        .contains("127.0.0.1", "localhost", "0:0:0:0:0:0:0:1");
    Instant ends = c.getNotAfter().toInstant();

    assertThat(identityAt(ends.minus(Duration.ofDays(31))).ensureCertificate()).isFalse();
    assertThat(identityAt(ends.minus(Duration.ofDays(29))).ensureCertificate()).isTrue();
    assertThat(Files.readAllBytes(certificate)).isNotEqualTo(first);
    Files.writeString(certificate, "torn");
    assertThat(identityAt(Instant.now()).ensureCertificate()).isTrue();
  }

  private LoopbackIdentity identityAt(Instant now) {
    return new LoopbackIdentity(dir.resolve("state"), Clock.fixed(now, ZoneOffset.UTC));
  }
}
