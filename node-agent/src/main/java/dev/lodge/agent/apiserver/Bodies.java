package dev.lodge.agent.apiserver;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** Reads bodies, up to a bound. */
final class Bodies {
  private Bodies() {}

  /**
   * The whole body. Fails with 413 as soon as it is known to be too long; the caller answers and
   * closes the connection, so that the rest need not be read.
   */
  static Future<byte[]> read(HttpServerRequest request, int limit) {
    String length = request.getHeader("Content-Length");
    if (length != null && length.length() < 18 && Long.parseLong(length) > limit) {
      return Future.failedFuture(tooLarge(limit));
    }
    Promise<byte[]> promise = Promise.promise();
    Buffer body = Buffer.buffer();
    request.handler(
        part -> {
          if (body.length() + part.length() > limit) {
            request.handler(rest -> {});
            promise.tryFail(tooLarge(limit));
          } else {
            body.appendBuffer(part);
          }
        });
    request.exceptionHandler(
        e -> promise.tryFail(ApiException.badRequest("the body did not come whole")));
    request.endHandler(v -> promise.tryComplete(body.getBytes()));
    if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
      request.response().writeContinue();
    }
    return promise.future();
  }

  private static ApiException tooLarge(int limit) {
    return new ApiException(
        ApiException.Reason.RequestEntityTooLarge,
        "the body is larger than " + (limit >> 10) + " KiB, which no manifest needs");
  }
}
