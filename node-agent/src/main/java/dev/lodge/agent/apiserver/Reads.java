package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.List;

/** Get and list, in the form that the client asked for. */
final class Reads {
  private final Clock clock;

  Reads(Clock clock) {
    this.clock = clock;
  }

  Renderer renderer(Resource resource, Accept accept, Query query) {
    return new Renderer(
        resource, accept, Renderer.Include.parse(query.text("includeObject")), clock);
  }

  /** Which objects a list or watch is about. */
  Selector selector(Resource resource, Route.Objects route, Query query) {
    Selector all =
        route.namespace().isEmpty() ? Selector.all() : Selector.namespace(route.namespace());
    return all.and(Selector.labels(query.text("labelSelector")))
        .and(Selector.fields(query.text("fieldSelector"), resource.selectableFields()));
  }

  Reply get(Resource resource, Route.Objects route, String name, Accept accept, Query query) {
    ObjectNode object =
        resource
            .get(route.namespace(), name)
            .orElseThrow(() -> ApiException.notFound(resource.names().subject(name)));
    return Reply.json(200, renderer(resource, accept, query).one(object, true));
  }

  Reply list(Resource resource, Route.Objects route, Accept accept, Query query) {
    Renderer renderer = renderer(resource, accept, query);
    Selector selector = selector(resource, route, query);
    // Never a first page: the whole list is the answer, so that no continue token can be ours.
    if (!query.text("continue").isEmpty()) {
      throw new ApiException(
          ApiException.Reason.Expired, "the continue token is not one of ours; list again without");
    }
    Resource.Listing all = resource.list();
    List<ObjectNode> items = all.items().stream().filter(selector::matches).toList();
    return Reply.json(200, renderer.list(all.version(), items));
  }
}
