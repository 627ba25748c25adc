package dev.lodge.cli.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Answers every request with a fixed object, list, table or watch. */
final class CannedServer implements AutoCloseable {
  private static final String METADATA =
      """
      {"name":"a","namespace":"default","uid":"6b0c1f6e-0000-4000-8000-000000000001",
       "resourceVersion":"7","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z"}""";

  private static final String OBJECT =
      """
      {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine","metadata":%s,
       "spec":{"powerState":"PoweredOff","cpu":{"count":1},"memory":{"size":"1Gi"}},
       "status":{"phase":"Stopped","observedGeneration":1,"nodeName":"n","conditions":[
        {"type":"Ready","status":"False","reason":"PoweredOff","message":"It is switched off.",
         "lastTransitionTime":"2026-01-01T00:00:00Z"}]}}"""
          .formatted(METADATA);

  private static final String TABLE =
      """
      {"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"7"},
       "columnDefinitions":[{"name":"Name","type":"string","priority":0},
        {"name":"Phase","type":"string","priority":0},{"name":"CPU","type":"integer","priority":0},
        {"name":"Reason","type":"string","priority":1}],
       "rows":[{"cells":["a","Stopped",1,null],"object":{"metadata":%s}}]}"""
          .formatted(METADATA);

  private final ServerSocketChannel server;

  CannedServer(Path socket) throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform().daemon().name("canned").start(this::serve);
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel channel = server.accept()) {
        answer(Channels.newInputStream(channel), Channels.newOutputStream(channel));
      } catch (IOException e) {
        // The client hung up, or the training is over.
      }
    }
  }

  private static void answer(InputStream in, OutputStream out) throws IOException {
    String head = head(in);
    String first = head.substring(0, head.indexOf('\r'));
    String answer;
    if (first.contains("/none")) {
      answer =
          response("404 Not Found", "{\"kind\":\"Status\",\"code\":404,\"message\":\"not found\"}");
    } else if (first.contains("watch=true")) {
      String event = "{\"type\":\"ADDED\",\"object\":" + OBJECT.replace("\n", "") + "}\n";
      answer =
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              + Integer.toHexString(event.length())
              + "\r\n"
              + event
              + "\r\n0\r\n\r\n";
    } else if (head.contains("as=Table")) {
      answer = response("200 OK", TABLE);
    } else if (first.startsWith("GET") && first.contains("/a ") || first.startsWith("PUT")) {
      answer = response("200 OK", OBJECT);
    } else {
      answer = response("200 OK", "{\"kind\":\"List\",\"items\":[" + OBJECT + "]}");
    }
    out.write(answer.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static String response(String status, String body) {
    return "HTTP/1.1 "
        + status
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("no request");
      }
      head.append((char) b);
    }
    return head.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
