package dev.lodge.agent.apiserver;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Who may speak to the API, and how they are called in records. */
sealed interface Access {

  /**
   * The user of a request.
   *
   * @throws ApiException 401, 403
   */
  String user(HttpServerRequest request);

  /**
   * The part of the check that counts for health, too: no page of another site sent it.
   *
   * @throws ApiException 403
   */
  void checkOrigin(HttpServerRequest request);

  /** The unix socket: its file's mode is the lock, the kernel tells who came. */
  record Socket() implements Access {
    @Override
    public String user(HttpServerRequest request) {
      if (request.connection() instanceof ConnectionBase c
          && peer(c.channel()) instanceof PeerCredentials p) {
        return "uid:" + p.uid();
      }
      return "local";
    }

    @Override
    public void checkOrigin(HttpServerRequest request) {
      // No browser comes to a unix socket.
    }

    private static @Nullable PeerCredentials peer(Channel channel) {
      try {
        return channel instanceof EpollDomainSocketChannel d ? d.peerCredentials() : null;
      } catch (IOException e) {
        return null;
      }
    }
  }

  /**
   * Loopback: a bearer token, and no browser that was led here by another site's name.
   *
   * @param port that Host must name; set once it is known
   */
  record Token(byte[] digest, AtomicInteger port) implements Access {
    @Override
    public String user(HttpServerRequest request) {
      checkOrigin(request);
      if (!authorised(request.getHeader("Authorization"))) {
        throw new ApiException(
            ApiException.Reason.Unauthorized,
            "Unauthorized: send the bearer token of the agent's kubeconfig");
      }
      return "token";
    }

    @Override
    public void checkOrigin(HttpServerRequest request) {
      if (!ours(request.getHeader("Host"))) {
        throw new ApiException(
            ApiException.Reason.Forbidden, "the Host header does not name this server");
      }
      String origin = request.getHeader("Origin");
      if (origin != null
          && !(origin.startsWith("https://") && ours(origin.substring("https://".length())))) {
        throw new ApiException(
            ApiException.Reason.Forbidden, "requests from pages of other origins are refused");
      }
    }

    private boolean ours(@Nullable String authority) {
      if (authority == null) {
        return false;
      }
      String a = authority.toLowerCase(Locale.ROOT);
      for (String host : List.of("127.0.0.1", "localhost", "[::1]")) {
        if (a.equals(host + ":" + port.get())) {
          return true;
        }
      }
      return false;
    }

    private boolean authorised(@Nullable String header) {
      String token =
          Optional.ofNullable(header)
              .filter(h -> h.regionMatches(true, 0, "Bearer ", 0, 7))
              .map(h -> h.substring(7).trim())
              .orElse("");
      // Digests have one length, so that the comparison tells nothing at all.
      return MessageDigest.isEqual(digest, sha256(token));
    }

    static byte[] sha256(String text) {
      try {
        return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      } catch (java.security.NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }
  }
}
