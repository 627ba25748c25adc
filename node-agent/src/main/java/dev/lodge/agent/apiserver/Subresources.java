package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.apiserver.ApiException.Reason;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.hypervisor.DhcpLease;
import io.vertx.core.Future;
import java.util.Optional;

/** Verbs, XML, leases and host facts: what Kubernetes' own verbs have no word for. */
final class Subresources {
  private static final String API_VERSION = Route.SUBRESOURCES + "/" + ResourceKind.VERSION;

  private final Ports ports;
  private final Work work;
  private final GuestStreams streams;

  Subresources(Ports ports, Work work, GuestStreams streams) {
    this.ports = ports;
    this.work = work;
    this.streams = streams;
  }

  void ofVm(Answer answer, Route.OfVm route, String user, Query query) {
    ObjectKey vm = new ObjectKey(ResourceKind.VirtualMachine, route.namespace(), route.name());
    switch (route.what()) {
      case "xml" -> {
        answer.requireGet();
        answer.about("virtualmachines/xml");
        answer
            .body()
            .compose(b -> work.slow(() -> xml(vm)))
            .onSuccess(answer::send)
            .onFailure(answer::fail);
      }
      case "log" -> {
        answer.requireGet();
        answer.about("virtualmachines/log");
        streams.log(answer, vm, query);
      }
      case "console" -> {
        answer.requireGet();
        answer.about("virtualmachines/console");
        streams.console(answer, vm, query);
      }
      default -> {
        Verbs.Verb verb =
            Verbs.Verb.byWord(route.what())
                .orElseThrow(
                    () -> new ApiException(Reason.NotFound, "a VM has no such subresource"));
        if (!answer.method().equals("POST") && !answer.method().equals("PUT")) {
          throw answer.notAllowed();
        }
        answer.about("virtualmachines/" + verb.word());
        answer
            .body()
            .compose(body -> verb(vm, verb, force(body), user))
            .onSuccess(answer::send)
            .onFailure(answer::fail);
      }
    }
  }

  private static boolean force(byte[] body) {
    if (body.length == 0) {
      return false;
    }
    ObjectNode options = ApiJson.parseObject(body);
    options
        .fieldNames()
        .forEachRemaining(
            f -> {
              if (!f.equals("force") && !f.equals("kind") && !f.equals("apiVersion")) {
                throw ApiException.badRequest("unknown field in the body of a verb; it has: force");
              }
            });
    if (options.has("force") && !options.path("force").isBoolean()) {
      throw ApiException.badRequest("force must be true or false");
    }
    return options.path("force").asBoolean();
  }

  private Future<Reply> verb(ObjectKey vm, Verbs.Verb verb, boolean force, String user) {
    // The port answers later, but its call may do work of its own: not on the event loop.
    return work.slow(() -> ports.verbs().request(vm, verb, force, user))
        .compose(Future::fromCompletionStage)
        .map(
            result ->
                switch (result) {
                  case Verbs.Result.Done d -> Reply.json(200, Status.success(d.message(), 200));
                  case Verbs.Result.Accepted a -> Reply.json(202, Status.success(a.message(), 202));
                  case Verbs.Result.Refused r ->
                      Reply.failure(
                          new ApiException(
                              Reason.Conflict,
                              r.message(),
                              new ApiException.Subject(
                                  ResourceKind.GROUP, "virtualmachines", vm.name()),
                              java.util.List.of()));
                });
  }

  private Reply xml(ObjectKey vm) {
    Ports.Rendered xml = ports.xml().of(vm);
    return Reply.text(200, "text/xml; charset=utf-8", xml.xml())
        .with("Lodge-Xml", xml.live() ? "live" : "planned");
  }

  void leases(Answer answer, Route.Leases route) {
    answer.requireGet();
    work.slow(() -> leases(route)).onSuccess(answer::send).onFailure(answer::fail);
  }

  void capabilities(Answer answer) {
    answer.requireGet();
    work.slow(this::capabilities).onSuccess(answer::send).onFailure(answer::fail);
  }

  private Reply leases(Route.Leases route) {
    ObjectNode list = ApiJson.object();
    list.put("kind", "LeaseList").put("apiVersion", API_VERSION);
    list.putObject("metadata");
    ArrayNode items = list.putArray("items");
    for (DhcpLease l :
        ports.leases().of(new ObjectKey(ResourceKind.VmNetwork, route.namespace(), route.name()))) {
      ObjectNode item = items.addObject().put("mac", l.mac()).put("ip", l.ip());
      Optional.ofNullable(l.hostname()).ifPresent(h -> item.put("hostname", h));
      Optional.ofNullable(l.expires()).ifPresent(e -> item.put("expires", e.toString()));
    }
    return Reply.json(200, list);
  }

  private Reply capabilities() {
    ObjectNode out = ApiJson.object();
    out.put("kind", "HostCapabilities").put("apiVersion", API_VERSION);
    out.setAll((ObjectNode) ApiJson.tree(ports.capabilities().get()));
    return Reply.json(200, out);
  }
}
