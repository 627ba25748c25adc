package dev.lodge.cli.image;

import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLException;

/**
 * Reads the checksum of an image where its publisher gives it. The image may come from any mirror:
 * what counts is that this file comes by https from the publisher.
 */
public final class PublishedChecksum {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final int LONGEST = 4 << 20;

  private PublishedChecksum() {}

  /**
   * The checksum that a file of checksums has for an image.
   *
   * @param checksums address of the file of checksums; https
   * @param image address of the image; the last part of its path is the name to look for
   * @return {@code sha256:} or {@code sha512:} and hex digits
   * @throws Failure FAILED if the file cannot be had, NOT_FOUND if it does not name the image
   */
  public static String of(URI checksums, URI image) {
    if (!"https".equalsIgnoreCase(checksums.getScheme()) || checksums.getHost() == null) {
      throw new Failure(
          ExitCode.USAGE,
          checksums
              + ": a file of checksums must come by https; one that anybody on the way can change"
              + " proves nothing");
    }
    String path = image.getPath() == null ? "" : image.getPath();
    String file = path.substring(path.lastIndexOf('/') + 1);
    return ChecksumFile.checksum(text(checksums), file)
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.NOT_FOUND,
                    checksums
                        + " has no sha256 or sha512 checksum of '"
                        + file
                        + "'; look there, and give it with --checksum"));
  }

  private static String text(URI url) {
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NORMAL) // never from https to http
            .build()) {
      HttpRequest request =
          HttpRequest.newBuilder(url).timeout(ANSWER).header("User-Agent", "lodge").build();
      HttpResponse<InputStream> answer =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = answer.body()) {
        if (answer.statusCode() != 200) {
          throw failure(url, "the server answers " + answer.statusCode());
        }
        byte[] bytes = body.readNBytes(LONGEST + 1);
        if (bytes.length > LONGEST) {
          throw failure(url, "is too long for a file of checksums");
        }
        return new String(bytes, StandardCharsets.UTF_8);
      } finally {
        client.shutdownNow();
      }
    } catch (HttpTimeoutException e) {
      throw failure(url, url.getHost() + " does not answer in time; check the network");
    } catch (ConnectException e) {
      throw failure(
          url, url.getHost() + " cannot be reached; check the address, the DNS and the network");
    } catch (SSLException e) {
      throw failure(
          url, url.getHost() + " has no certificate that this host trusts: " + e.getMessage());
    } catch (IOException e) {
      throw failure(url, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(url, "interrupted");
    }
  }

  private static Failure failure(URI url, String what) {
    return new Failure(ExitCode.FAILED, "no checksum from " + url + ": " + what);
  }
}
