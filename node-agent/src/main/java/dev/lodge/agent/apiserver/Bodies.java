package dev.lodge.agent.apiserver;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.IntPredicate;

/** Reads bodies, up to a bound. */
final class Bodies {
  private Bodies() {}

  /**
   * The whole body. Fails with 413 as soon as it is known to be too long; the caller answers and
   * closes the connection, so that the rest need not be read.
   *
   * @param take asked for memory before any part is kept; false: there is none now
   */
  static Future<byte[]> read(HttpServerRequest request, int limit, IntPredicate take) {
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
          } else if (!take.test(part.length())) {
            request.handler(rest -> {});
            promise.tryFail(
                new ApiException(
                    ApiException.Reason.TooManyRequests,
                    "too many large bodies at once; try again"));
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
