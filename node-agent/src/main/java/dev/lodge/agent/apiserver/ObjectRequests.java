package dev.lodge.agent.apiserver;

import dev.lodge.agent.apiserver.ApiException.Reason;
import dev.lodge.agent.store.ObjectKey;
import java.util.Map;
import java.util.Optional;

/** Requests about objects: read, watch, write, each where the resource allows it. */
final class ObjectRequests {
  private final Map<String, Resource> resources;
  private final Reads reads;
  private final Writes writes;
  private final Watches watches;
  private final Work work;

  /**
   * @param resources by {@code group/plural}
   */
  ObjectRequests(
      Map<String, Resource> resources, Reads reads, Writes writes, Watches watches, Work work) {
    this.resources = resources;
    this.reads = reads;
    this.writes = writes;
    this.watches = watches;
    this.work = work;
  }

  void handle(Answer answer, Route.Objects route, Query query) {
    Resource resource = resources.get(route.group() + "/" + route.plural());
    if (resource == null) {
      throw new ApiException(Reason.NotFound, "the server could not find the requested resource");
    }
    answer.about(resource.names().plural());
    checkScope(resource, route);
    route.name().ifPresent(n -> checkName(resource, n));
    if (route.status() && !answer.method().equals("GET")) {
      throw new ApiException(
          Reason.Forbidden, "only Lodge writes a status; change spec, and the status follows");
    }
    boolean dryRun = query.dryRun();
    switch (answer.method()) {
      case "GET" -> get(answer, resource, route, query);
      case "POST" -> {
        StoreResource kind = writable(resource, route.name().isEmpty());
        requireNamespace(resource, route);
        checkJson(answer);
        write(
            answer, resource, query, body -> writes.create(kind, route.namespace(), body, dryRun));
      }
      case "PUT" -> {
        StoreResource kind = writable(resource, route.name().isPresent());
        checkJson(answer);
        write(answer, resource, query, b -> writes.update(kind, key(kind, route), b, dryRun));
      }
      case "PATCH" -> {
        StoreResource kind = writable(resource, route.name().isPresent());
        String type = answer.contentType();
        write(answer, resource, query, b -> writes.patch(kind, key(kind, route), type, b, dryRun));
      }
      case "DELETE" -> {
        StoreResource kind = writable(resource, route.name().isPresent());
        write(answer, resource, query, b -> writes.delete(kind, key(kind, route), b, dryRun));
      }
      default -> throw answer.notAllowed();
    }
  }

  private void get(Answer answer, Resource resource, Route.Objects route, Query query) {
    Accept accept = answer.accept();
    if (query.flag("watch") && !route.status()) {
      Route.Objects all =
          new Route.Objects(
              route.group(), route.plural(), route.namespace(), Optional.empty(), false);
      watches.start(answer, resource, all, route.name(), accept, query);
      return;
    }
    answer
        .body()
        .compose(
            b ->
                work.quick(
                    () ->
                        route.name().isPresent()
                            ? reads.get(resource, route, route.name().get(), accept, query)
                            : reads.list(resource, route, accept, query)))
        .onSuccess(answer::send)
        .onFailure(answer::fail);
  }

  private interface Writing {
    Writes.Written write(byte[] body);
  }

  private void write(Answer answer, Resource resource, Query query, Writing writing) {
    Renderer renderer = reads.renderer(resource, answer.accept(), query);
    answer
        .body()
        .compose(
            body ->
                work.quick(
                    () -> {
                      Writes.Written w = writing.write(body);
                      return Reply.json(w.code(), renderer.one(w.object(), true))
                          .warn(w.warnings());
                    }))
        .onSuccess(answer::send)
        .onFailure(answer::fail);
  }

  private static void checkScope(Resource resource, Route.Objects route) {
    Resource.Names n = resource.names();
    if (!n.namespaced() && !route.namespace().isEmpty()) {
      throw new ApiException(
          Reason.NotFound,
          n.plural() + " are cluster-scoped: leave /namespaces/NAME out of the path");
    }
    if (n.namespaced() && route.namespace().isEmpty() && route.name().isPresent()) {
      throw new ApiException(
          Reason.NotFound, n.plural() + " are namespaced: put /namespaces/NAME into the path");
    }
  }

  private static void checkName(Resource resource, String name) {
    if (!Route.NAME.matcher(name).matches()) {
      throw ApiException.notFound(resource.names().subject(name));
    }
  }

  private static void requireNamespace(Resource resource, Route.Objects route) {
    if (resource.names().namespaced() && route.namespace().isEmpty()) {
      throw new ApiException(
          Reason.MethodNotAllowed, "create into a namespace: /namespaces/NAME/" + route.plural());
    }
  }

  private static StoreResource writable(Resource resource, boolean allowed) {
    if (allowed && resource instanceof StoreResource kind) {
      return kind;
    }
    throw new ApiException(
        Reason.MethodNotAllowed,
        resource instanceof StoreResource
            ? "the server does not allow this method on the requested resource"
            : resource.names().plural() + " cannot be written in an agent alone");
  }

  private static ObjectKey key(StoreResource kind, Route.Objects route) {
    return new ObjectKey(kind.kind(), route.namespace(), route.name().orElse(""));
  }

  private static void checkJson(Answer answer) {
    String type = answer.contentType();
    if (!type.isEmpty() && !type.equals(Reply.JSON)) {
      throw new ApiException(
          Reason.UnsupportedMediaType,
          "the body must be application/json, not " + Answer.clip(type));
    }
  }
}
