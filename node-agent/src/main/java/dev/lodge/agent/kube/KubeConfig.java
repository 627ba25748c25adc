package dev.lodge.agent.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** How the API server is reached and what this process is there. */
public final class KubeConfig {
  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");
  private static final int CONNECT_MILLIS = 5_000;

  private KubeConfig() {}

  /**
   * As a pod: the ServiceAccount's bound token, read again as the kubelet replaces it.
   *
   * @throws IOException this is no pod, or it has no token
   */
  public static Config ofPod(Map<String, String> environment) throws IOException {
    return ofPod(environment, SERVICE_ACCOUNT);
  }

  static Config ofPod(Map<String, String> environment, Path account) throws IOException {
    String host = environment.get("KUBERNETES_SERVICE_HOST");
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
    Path token = account.resolve("token");
    if (host == null || !Files.isReadable(token)) {
      throw new IOException(
          "--cluster without --kubeconfig works in a pod with a ServiceAccount only: "
              + (host == null ? "KUBERNETES_SERVICE_HOST is not set" : token + " cannot be read"));
    }
    return common(
            new ConfigBuilder()
                .withAutoConfigure(false)
                .withMasterUrl(
                    "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + "/")
                .withCaCertFile(account.resolve("ca.crt").toString())
                .withOauthTokenProvider(new TokenFile(token)))
        .build();
  }

  /** As a kubeconfig says. */
  public static Config ofFile(Path kubeconfig) throws IOException {
    if (!Files.isReadable(kubeconfig)) {
      throw new IOException("--kubeconfig " + kubeconfig + " cannot be read");
    }
    return common(new ConfigBuilder(Config.fromKubeconfig(kubeconfig.toFile()))).build();
  }

  private static ConfigBuilder common(ConfigBuilder config) {
    return config
        // A repeated PUT would hide what became of the first one.
        .withRequestRetryBackoffLimit(0)
        // One connection for all would hang as a whole when the network swallows it.
        .withHttp2Disable(true)
        .withConnectionTimeout(CONNECT_MILLIS);
  }

  /** Reads a file that is replaced from time to time; for some seconds from memory. */
  static final class TokenFile implements OAuthTokenProvider {
    private static final long FRESH_NANOS = Duration.ofSeconds(5).toNanos();

    private final Path file;
    private String token = "";
    private long readNanos = System.nanoTime() - FRESH_NANOS - 1;

    TokenFile(Path file) {
      this.file = file;
    }

    @Override
    public synchronized String getToken() {
      if (System.nanoTime() - readNanos > FRESH_NANOS) {
        try {
          token = Files.readString(file).strip();
          readNanos = System.nanoTime();
        } catch (IOException e) {
          // The one before may still be good; if not, the API server says so.
          return token;
        }
      }
      return token;
    }
  }
}
