package dev.lodge.operator.virtualmachine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.v1alpha1.hostresource.HostResource;
import dev.lodge.api.v1alpha1.vmimage.VmImage;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import dev.lodge.operator.cache.Cluster;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.ApiPath;
import dev.lodge.operator.client.Reply;
import dev.lodge.operator.needs.Lookup;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Objects of one pass: what is watched, and the rest asked for once. */
final class LiveLookup implements Lookup {
  private final Cluster cluster;
  private final ApiClient api;
  private final boolean claims;
  private final Map<String, Claim> asked = new HashMap<>();

  /**
   * @param claims whether PersistentVolumeClaims are read; a VM that is placed needs none, and is
   *     spared the request
   */
  LiveLookup(Cluster cluster, ApiClient api, boolean claims) {
    this.cluster = cluster;
    this.api = api;
    this.claims = claims;
  }

  @Override
  public @Nullable VmNetwork network(String namespace, String name) {
    return cluster.networks.get(namespace, name);
  }

  @Override
  public @Nullable VmImage image(String namespace, String name) {
    return cluster.images.get(namespace, name);
  }

  @Override
  public @Nullable HostResource hostResource(String name) {
    return cluster.hostResources.get(null, name);
  }

  @Override
  public Claim claim(String namespace, String name) {
    return claims
        ? asked.computeIfAbsent(name, n -> read(api.get(ApiPath.volumeClaim(namespace, n))))
        : new Claim.Found("", false);
  }

  private static Claim read(Reply reply) {
    return switch (reply) {
      case Reply.Done d -> {
        JsonNode pvc = d.object();
        yield new Claim.Found(
            pvc.path("metadata").path("uid").asText(),
            pvc.path("spec").path("volumeMode").asText().equals("Block"));
      }
      case Reply.NotFound _ -> new Claim.Missing();
      case Reply.Refused r -> new Claim.Unreadable(r.message());
      case Reply.Unknown u -> new Claim.Unreadable(u.message());
      case Reply.Conflict c -> new Claim.Unreadable(c.message());
      case Reply.Exists _ -> new Claim.Unreadable("exists");
    };
  }

  @Override
  public Map<String, String> namespaceLabels(String namespace) {
    var labels = new TreeMap<String, String>();
    if (api.get(ApiPath.namespace(namespace)) instanceof Reply.Done d) {
      d.object()
          .path("metadata")
          .path("labels")
          .properties()
          .forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
    }
    return labels;
  }
}
