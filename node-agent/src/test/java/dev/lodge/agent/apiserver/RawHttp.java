package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One connection that speaks HTTP/1.1 byte by byte: what a client library would not let us send.
 */
final class RawHttp implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final InputStream in;
  private final OutputStream out;
  private final Closeable connection;

  private RawHttp(InputStream in, OutputStream out, Closeable connection) {
    this.in = in;
    this.out = out;
    this.connection = connection;
  }

  /** An answer, its body read whole. */
  record Answer(int code, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new UncheckedIOException(text(), e);
      }
    }
  }

  static RawHttp unix(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    return new RawHttp(new ChannelInput(channel), new ChannelOutput(channel), channel);
  }

  static RawHttp over(Socket socket) throws IOException {
    return new RawHttp(socket.getInputStream(), socket.getOutputStream(), socket);
  }

  /** Sends bytes as they are. */
  RawHttp send(String raw) throws IOException {
    out.write(raw.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return this;
  }

  RawHttp send(byte[] raw) throws IOException {
    out.write(raw);
    out.flush();
    return this;
  }

  /** Sends a request and reads its answer. */
  Answer call(String method, String target, String body, String... headers) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: lodge\r\n");
    for (String h : headers) {
      head.append(h).append("\r\n");
    }
    if (bytes.length > 0) {
      head.append("Content-Length: ").append(bytes.length).append("\r\n");
    }
    send(head + "\r\n");
    send(bytes);
    return answer();
  }

  /** Reads one answer, whole. */
  Answer answer() throws IOException {
    Answer head = head();
    String length = head.headers().get("content-length");
    if (length != null) {
      return new Answer(head.code(), head.headers(), in.readNBytes(Integer.parseInt(length)));
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    if ("chunked".equals(head.headers().get("transfer-encoding"))) {
      for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) {
        all.write(chunk);
      }
    }
    return new Answer(head.code(), head.headers(), all.toByteArray());
  }

  /** Reads an answer's head only. */
  Answer head() throws IOException {
    String status = line();
    Map<String, String> headers = new LinkedHashMap<>();
    for (String l = line(); !l.isEmpty(); l = line()) {
      int colon = l.indexOf(':');
      headers.put(l.substring(0, colon).toLowerCase(Locale.ROOT), l.substring(colon + 1).trim());
    }
    return new Answer(Integer.parseInt(status.split(" ")[1]), headers, new byte[0]);
  }

  /** The next chunk of a stream; empty: its end. */
  byte[] chunk() throws IOException {
    int size = Integer.parseInt(line(), 16);
    byte[] data = in.readNBytes(size);
    line();
    return data;
  }

  /** The next event of a watch. */
  JsonNode event() throws IOException {
    byte[] chunk = chunk();
    if (chunk.length == 0) {
      throw new EOFException("the watch ended");
    }
    return JSON.readTree(chunk);
  }

  /** The next byte; -1: the server closed. */
  int read() throws IOException {
    return in.read();
  }

  byte[] read(int n) throws IOException {
    return in.readNBytes(n);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the server closed the connection after: " + line);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }

  private static final class ChannelInput extends InputStream {
    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 << 10).limit(0);

    ChannelInput(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public int read() throws IOException {
      if (!buffer.hasRemaining()) {
        buffer.clear();
        int n = channel.read(buffer);
        buffer.flip();
        if (n < 0) {
          return -1;
        }
      }
      return buffer.get() & 0xff;
    }
  }

  private static final class ChannelOutput extends OutputStream {
    private final SocketChannel channel;

    ChannelOutput(SocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] data, int off, int len) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(data, off, len);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }
}
