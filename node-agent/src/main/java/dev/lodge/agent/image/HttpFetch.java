package dev.lodge.agent.image;

import dev.lodge.agent.image.PartialFile.Origin;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Fetches a file over http or https into a {@link PartialFile}, going on where an earlier try ended
 * if the server still has the same version. The client lives as long as one fetch: nothing of it
 * stays in the memory of an idle agent.
 */
final class HttpFetch {
  private static final int MAX_REDIRECTS = 5;
  private static final String NEXT_TRY = "the next try goes on where it ended";

  private final ImageLimits limits;
  private final Space space;
  private final Progress progress;

  /** Told of the bytes so far; total is -1 if the server does not say. */
  interface Progress {
    void at(long bytes, long total);
  }

  HttpFetch(ImageLimits limits, Space space, Progress progress) {
    this.limits = limits;
    this.space = space;
    this.progress = progress;
  }

  /**
   * Fetches the whole file.
   *
   * @param checked a checksum will tell a mixture of two versions, so going on needs no validator
   */
  void fetch(String url, PartialFile partial, boolean checked) throws ImportException, IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(limits.connect())
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    try {
      fetch(client, url, partial, checked);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("cancelled");
    } finally {
      client.shutdownNow();
      client.close();
    }
  }

  private void fetch(HttpClient client, String url, PartialFile partial, boolean checked)
      throws ImportException, IOException, InterruptedException {
    Origin origin = partial.origin();
    long have = partial.size();
    if (have > 0
        && origin != null
        && origin.url().equals(url)
        && (checked || origin.validator() != null)
        && goOn(client, url, partial, origin, have)) {
      return;
    }
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = get(client, url, null, 0);
    try (TimedBody body = body(response)) {
      if (response.statusCode() != 200) {
        throw refused(url, response.statusCode());
      }
      partial.begin(new Origin(url, validator(response.headers())));
      receive(body, partial, 0, length(response.headers()).orElse(-1));
    }
  }

  /** False: the server has another version, or cannot go on; begin anew. */
  private boolean goOn(HttpClient client, String url, PartialFile partial, Origin origin, long have)
      throws ImportException, IOException, InterruptedException {
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
        get(client, url, origin.validator(), have);
    try (TimedBody body = body(response)) {
      String range = response.headers().firstValue("Content-Range").orElse("");
      if (response.statusCode() == 416) {
        // All of it was here already.
        return range.equals("bytes */" + have);
      }
      if (response.statusCode() != 206 || !range.startsWith("bytes " + have + "-")) {
        return false;
      }
      OptionalLong rest = length(response.headers());
      receive(body, partial, have, rest.isPresent() ? have + rest.getAsLong() : -1);
      return true;
    }
  }

  private HttpResponse<Flow.Publisher<List<ByteBuffer>>> get(
      HttpClient client, String url, @Nullable String validator, long from)
      throws ImportException, IOException, InterruptedException {
    URI uri = parse(url);
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      var request = HttpRequest.newBuilder(uri).timeout(limits.idle()).GET();
      request.header("User-Agent", "lodge");
      if (from > 0) {
        request.header("Range", "bytes=" + from + "-");
        if (validator != null) {
          request.header("If-Range", validator);
        }
      }
      HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = send(client, request.build());
      switch (response.statusCode()) {
        case 301, 302, 303, 307, 308 -> {
          body(response).close();
          uri = redirect(uri, response.headers().firstValue("Location").orElse(""));
        }
        default -> {
          return response;
        }
      }
    }
    throw new ImportException(
        new ImageFailure.Unreachable(
            url
                + ": more than "
                + MAX_REDIRECTS
                + " redirects; give the address that they lead to"));
  }

  private HttpResponse<Flow.Publisher<List<ByteBuffer>>> send(
      HttpClient client, HttpRequest request)
      throws ImportException, InterruptedException, IOException {
    String host = request.uri().getHost();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofPublisher());
    } catch (HttpTimeoutException e) {
      throw unreachable(host, "does not answer in time; check the network");
    } catch (ConnectException e) {
      // The client wraps a name that does not resolve in this one too.
      throw causedBy(e, UnresolvedAddressException.class) || causedBy(e, UnknownHostException.class)
          ? unreachable(host, "is not known; check the address and the DNS of this host")
          : unreachable(host, "cannot be connected; check the address, the network and the proxy");
    } catch (SSLException e) {
      throw unreachable(host, "has no certificate that this host trusts: " + e.getMessage());
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw unreachable(host, "broke the connection: " + e.getMessage());
    }
  }

  private static boolean causedBy(Throwable e, Class<? extends Throwable> type) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }

  private TimedBody body(HttpResponse<Flow.Publisher<List<ByteBuffer>>> response) {
    var body = new TimedBody(limits.idle());
    response.body().subscribe(body);
    return body;
  }

  private void receive(TimedBody body, PartialFile partial, long from, long total)
      throws ImportException, IOException {
    space.require(total < 0 ? 0 : total - from);
    long at = from;
    try (FileChannel out =
        FileChannel.open(partial.data(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.position(from);
      progress.at(at, total);
      for (List<ByteBuffer> buffers = next(body); buffers != null; buffers = next(body)) {
        for (ByteBuffer buffer : buffers) {
          at += buffer.remaining();
          while (buffer.hasRemaining()) {
            out.write(buffer);
          }
        }
        space.used(at - from);
        progress.at(at, total);
      }
    }
    if (total >= 0 && at != total) {
      throw new ImportException(
          new ImageFailure.Interrupted(
              "the server sent " + at + " of " + total + " bytes; " + NEXT_TRY));
    }
  }

  private static @Nullable List<ByteBuffer> next(TimedBody body)
      throws ImportException, IOException {
    try {
      return body.next();
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new ImportException(
          new ImageFailure.Interrupted(
              "the download broke off: " + e.getMessage() + "; " + NEXT_TRY));
    }
  }

  private static URI parse(String url) throws ImportException {
    try {
      URI uri = URI.create(url);
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new ImportException(
        new ImageFailure.Denied(
            "'" + url + "' is no http or https address; correct spec.source.http.url"));
  }

  static URI redirect(URI from, String location) throws ImportException {
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new ImportException(
          new ImageFailure.Unreachable(from.getHost() + " redirects to an address that is none"));
    }
    parse(to.toString());
    if ("https".equals(from.getScheme()) && !"https".equals(to.getScheme())) {
      throw new ImportException(
          new ImageFailure.Denied(
              from.getHost()
                  + " redirects from https to http, which would give up its protection;"
                  + " use the http address yourself if you want that"));
    }
    return to;
  }

  private static ImportException refused(String url, int status) {
    return new ImportException(
        switch (status) {
          case 404, 410 ->
              new ImageFailure.NotFound(
                  url
                      + ": the server has no such file ("
                      + status
                      + "); check spec.source.http.url");
          case 401, 403, 407 ->
              new ImageFailure.Denied(
                  url
                      + ": the server refuses ("
                      + status
                      + "); use an address that needs no login");
          default ->
              new ImageFailure.Unreachable(url + ": the server answers " + status + "; try later");
        });
  }

  private static ImportException unreachable(String host, String why) {
    return new ImportException(new ImageFailure.Unreachable(host + " " + why));
  }

  private static OptionalLong length(HttpHeaders headers) {
    try {
      return headers.firstValueAsLong("Content-Length");
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** A weak ETag promises no equal bytes. */
  private static @Nullable String validator(HttpHeaders headers) {
    return headers
        .firstValue("ETag")
        .filter(e -> !e.startsWith("W/"))
        .or(() -> headers.firstValue("Last-Modified"))
        .orElse(null);
  }
}
