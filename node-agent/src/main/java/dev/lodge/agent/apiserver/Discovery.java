package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells clients what there is: groups, versions, resources; in the old form and the new one. */
final class Discovery {
  static final String AGGREGATED_TYPE =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

  /** Resources by group, version {@code group/version}; the core is {@code v1}. */
  private final Map<String, List<Entry>> groups = new LinkedHashMap<>();

  /**
   * @param path as in the old form: {@code virtualmachines/start}
   */
  private record Entry(
      String path,
      String group,
      String version,
      String kind,
      String singular,
      List<String> shortNames,
      boolean namespaced,
      List<String> verbs) {
    static Entry of(Resource.Names n) {
      return new Entry(
          n.plural(),
          n.group(),
          n.version(),
          n.kind(),
          n.singular(),
          n.shortNames(),
          n.namespaced(),
          n.verbs());
    }

    static Entry sub(String path, Resource.Names of, String kind, List<String> verbs) {
      return new Entry(path, of.group(), of.version(), kind, "", List.of(), of.namespaced(), verbs);
    }
  }

  /**
   * @param resources with their own groups
   */
  Discovery(List<Resource> resources) {
    for (Resource r : resources) {
      Resource.Names n = r.names();
      List<Entry> entries = groups.computeIfAbsent(n.apiVersion(), k -> new ArrayList<>());
      entries.add(Entry.of(n));
      if (r instanceof StoreResource) {
        entries.add(Entry.sub(n.plural() + "/status", n, n.kind(), List.of("get")));
      }
    }
    groups.put(Route.SUBRESOURCES + "/v1alpha1", subresources());
  }

  private static List<Entry> subresources() {
    Resource.Names vm =
        new Resource.Names(Route.SUBRESOURCES, "v1alpha1", "", "", "", List.of(), true, List.of());
    List<Entry> all = new ArrayList<>();
    for (Verbs.Verb v : Verbs.Verb.values()) {
      all.add(Entry.sub("virtualmachines/" + v.word(), vm, "Status", List.of("create", "update")));
    }
    for (String stream : List.of("console", "log", "xml")) {
      all.add(Entry.sub("virtualmachines/" + stream, vm, "VirtualMachine", List.of("get")));
    }
    all.add(Entry.sub("vmnetworks/leases", vm, "LeaseList", List.of("get")));
    return all;
  }

  /** The answer; empty: no such group or version. */
  Optional<Reply> answer(Route.Discovery route, Accept accept) {
    if (route.group().isEmpty()) {
      if (accept == Accept.AGGREGATED_DISCOVERY) {
        return Optional.of(Reply.json(200, aggregated(route.core())).as(AGGREGATED_TYPE));
      }
      return Optional.of(Reply.json(200, route.core() ? coreVersions() : groupList()));
    }
    String group = route.group().get();
    Optional<String> version = route.version();
    if (version.isEmpty()) {
      return groups.keySet().stream()
          .filter(gv -> gv.startsWith(group + "/"))
          .findFirst()
          .map(gv -> Reply.json(200, group(gv).put("kind", "APIGroup").put("apiVersion", "v1")));
    }
    String gv = group.isEmpty() ? version.get() : group + "/" + version.get();
    return Optional.ofNullable(groups.get(gv)).map(e -> Reply.json(200, resources(gv, e)));
  }

  private static ObjectNode coreVersions() {
    ObjectNode out = ApiJson.object();
    out.put("kind", "APIVersions").putArray("versions").add("v1");
    out.putArray("serverAddressByClientCIDRs");
    return out;
  }

  private ObjectNode groupList() {
    ObjectNode out = ApiJson.object();
    ArrayNode list = out.put("kind", "APIGroupList").put("apiVersion", "v1").putArray("groups");
    groups.keySet().stream().filter(gv -> gv.contains("/")).forEach(gv -> list.add(group(gv)));
    return out;
  }

  private static ObjectNode group(String groupVersion) {
    String[] parts = groupVersion.split("/");
    ObjectNode out = ApiJson.object();
    out.put("name", parts[0]);
    out.putArray("versions").addObject().put("groupVersion", groupVersion).put("version", parts[1]);
    out.putObject("preferredVersion").put("groupVersion", groupVersion).put("version", parts[1]);
    return out;
  }

  private static ObjectNode resources(String groupVersion, List<Entry> entries) {
    ObjectNode out = ApiJson.object();
    out.put("kind", "APIResourceList").put("apiVersion", "v1").put("groupVersion", groupVersion);
    ArrayNode list = out.putArray("resources");
    for (Entry e : entries) {
      ObjectNode r = list.addObject();
      r.put("name", e.path())
          .put("singularName", e.singular())
          .put("namespaced", e.namespaced())
          .put("kind", e.kind());
      e.verbs().forEach(r.putArray("verbs")::add);
      if (!e.shortNames().isEmpty()) {
        e.shortNames().forEach(r.putArray("shortNames")::add);
      }
    }
    return out;
  }

  private ObjectNode aggregated(boolean core) {
    ObjectNode out = ApiJson.object();
    out.put("kind", "APIGroupDiscoveryList").put("apiVersion", "apidiscovery.k8s.io/v2");
    out.putObject("metadata");
    ArrayNode items = out.putArray("items");
    groups.forEach(
        (gv, entries) -> {
          if (gv.contains("/") == core) {
            return;
          }
          ObjectNode item = items.addObject();
          ObjectNode metadata = item.putObject("metadata");
          if (!core) {
            metadata.put("name", gv.substring(0, gv.indexOf('/')));
          }
          ObjectNode version = item.putArray("versions").addObject();
          version.put("version", gv.substring(gv.indexOf('/') + 1)).put("freshness", "Current");
          aggregatedResources(version.putArray("resources"), entries);
        });
    return out;
  }

  private static void aggregatedResources(ArrayNode out, List<Entry> entries) {
    Map<String, ObjectNode> parents = new LinkedHashMap<>();
    for (Entry e : entries) {
      String[] path = e.path().split("/");
      if (path.length == 1) {
        ObjectNode r = out.addObject();
        r.put("resource", e.path());
        responseKind(r, e);
        r.put("scope", e.namespaced() ? "Namespaced" : "Cluster");
        r.put("singularResource", e.singular());
        e.verbs().forEach(r.putArray("verbs")::add);
        if (!e.shortNames().isEmpty()) {
          e.shortNames().forEach(r.putArray("shortNames")::add);
        }
        parents.put(e.path(), r);
        continue;
      }
      // A group of subresources alone has a parent that itself can do nothing.
      ObjectNode parent =
          parents.computeIfAbsent(
              path[0],
              p -> {
                ObjectNode r = out.addObject();
                r.put("resource", p).putObject("responseKind");
                r.put("scope", e.namespaced() ? "Namespaced" : "Cluster");
                r.put("singularResource", "");
                r.putArray("verbs");
                return r;
              });
      ObjectNode sub = parent.withArrayProperty("subresources").addObject();
      sub.put("subresource", path[1]);
      responseKind(sub, e);
      e.verbs().forEach(sub.putArray("verbs")::add);
    }
  }

  private static void responseKind(ObjectNode to, Entry e) {
    to.putObject("responseKind")
        .put("group", e.group())
        .put("version", e.version())
        .put("kind", e.kind());
  }
}
