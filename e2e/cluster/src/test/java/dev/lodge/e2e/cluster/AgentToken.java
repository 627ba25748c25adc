package dev.lodge.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A real token of the agents' ServiceAccount, bound to a pod on a node, as the kubelet mounts it.
 */
final class AgentToken implements AutoCloseable {
  private static final Kubectl ADMIN = Kubectl.admin();

  private final String pod;
  private final Path kubeconfig;
  private final Kubectl kubectl;

  private AgentToken(String pod, Path kubeconfig, Kubectl kubectl) {
    this.pod = pod;
    this.kubeconfig = kubeconfig;
    this.kubectl = kubectl;
  }

  /** A pod is bound to the node by hand; it need not run for its token to be good. */
  static AgentToken of(String node) {
    String pod = "token-" + node;
    ADMIN
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, namespace: %s}
            spec:
              nodeName: %s
              serviceAccountName: lodge-agent
              tolerations: [{operator: Exists}]
              containers: [{name: c, image: none, imagePullPolicy: Never}]
            """
                .formatted(pod, Bed.NAMESPACE, node))
        .ok();
    String uid = ADMIN.get(Bed.NAMESPACE, "pod", pod).orElseThrow().at("/metadata/uid").asText();
    String token =
        ADMIN
            .run(
                "-n",
                Bed.NAMESPACE,
                "create",
                "token",
                "lodge-agent",
                "--bound-object-kind=Pod",
                "--bound-object-name=" + pod,
                "--bound-object-uid=" + uid)
            .ok()
            .out()
            .strip();
    Path file = withoutUser();
    return new AgentToken(pod, file, Kubectl.token(file.toString(), token));
  }

  /** A token of the same ServiceAccount that names no node. */
  static AgentToken unbound() {
    String token =
        ADMIN.run("-n", Bed.NAMESPACE, "create", "token", "lodge-agent").ok().out().strip();
    Path file = withoutUser();
    return new AgentToken("", file, Kubectl.token(file.toString(), token));
  }

  /** Of the operator, whatever node it is on. */
  static AgentToken operator() {
    String token =
        ADMIN.run("-n", Bed.NAMESPACE, "create", "token", "lodge-operator").ok().out().strip();
    Path file = withoutUser();
    return new AgentToken("", file, Kubectl.token(file.toString(), token));
  }

  Kubectl kubectl() {
    return kubectl;
  }

  private static Path withoutUser() {
    try {
      Path file = Files.createTempFile("lodge-e2e", ".kubeconfig");
      Files.writeString(
          file, ADMIN.run("config", "view", "--raw", "--minify", "--flatten").ok().out());
      Shell.run("kubectl", "--kubeconfig=" + file, "config", "unset", "users").ok();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (!pod.isEmpty()) {
      ADMIN
          .run(
              "-n",
              Bed.NAMESPACE,
              "delete",
              "pod",
              pod,
              "--grace-period=0",
              "--force",
              "--ignore-not-found")
          .ok();
    }
    try {
      Files.deleteIfExists(kubeconfig);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
