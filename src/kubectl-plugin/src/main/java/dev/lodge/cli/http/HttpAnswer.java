package dev.lodge.cli.http;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** An answer whose body is read as it comes; closing it closes the connection. */
public final class HttpAnswer implements AutoCloseable {
  private final HttpHead head;
  private final Body body;

  HttpAnswer(HttpHead head, Body body) {
    this.head = head;
    this.body = body;
  }

  /** The HTTP status. */
  public int status() {
    return head.status();
  }

  /** A header by its name in lower case. */
  public @Nullable String header(String name) {
    return head.header(name);
  }

  /** The body; a read waits as long as {@link Transport} was told. */
  public InputStream body() {
    return body;
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
