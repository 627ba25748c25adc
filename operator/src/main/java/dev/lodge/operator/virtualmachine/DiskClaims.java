package dev.lodge.operator.virtualmachine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.api.v1alpha1.vmdiskclaim.VmDiskClaim;
import dev.lodge.api.v1alpha1.vmdiskclaim.VmDiskClaimSpec;
import dev.lodge.api.v1alpha1.vmdiskclaim.VmDiskClaimSpec.Access;
import dev.lodge.api.v1alpha1.vmdiskclaim.VmDiskClaimSpec.Holder;
import dev.lodge.domain.ownership.DiskClaim;
import dev.lodge.domain.ownership.DiskLock;
import dev.lodge.operator.cache.Mirror;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.ApiPath;
import dev.lodge.operator.client.Reply;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The claims on disks, as objects of the API. */
final class DiskClaims {
  private final ApiClient api;
  private final Mirror<VmDiskClaim> known;

  DiskClaims(ApiClient api, Mirror<VmDiskClaim> known) {
    this.api = api;
    this.known = known;
  }

  /** All claims with the names of {@code locks}, on whatever node, and those that the VM holds. */
  List<DiskClaim> of(String vmUid, List<DiskLock> locks, List<String> nodes) {
    var found = new LinkedHashMap<String, DiskClaim>();
    for (VmDiskClaim c : known.by(vmUid)) {
      put(found, c);
    }
    for (DiskLock lock : locks) {
      for (String node : lock.needsNode() ? nodes : List.of("")) {
        put(found, known.get(null, lock.nameOn(node)));
      }
    }
    return List.copyOf(found.values());
  }

  private static void put(Map<String, DiskClaim> found, @Nullable VmDiskClaim c) {
    if (c != null) {
      found.put(c.getMetadata().getName(), domain(c));
    }
  }

  /** Makes a claim, or reads the one that is there. */
  Reply create(DiskClaim claim) {
    Reply r = api.create(ApiPath.all(ResourceKind.VmDiskClaim, ""), tree(claim, null));
    return remember(claim.name(), r);
  }

  /** Changes a claim if it still has the version that was read. */
  Reply update(DiskClaim expected, DiskClaim next) {
    VmDiskClaim now = known.get(null, expected.name());
    String uid = now == null ? null : now.getMetadata().getUid();
    ObjectMeta meta =
        new ObjectMetaBuilder()
            .withName(next.name())
            .withUid(uid)
            .withResourceVersion(expected.version())
            .build();
    Reply r = api.replace(ApiPath.of(ResourceKind.VmDiskClaim, next.name()), tree(next, meta));
    return remember(next.name(), r);
  }

  /** Deletes a claim if it still has the version that was read. */
  Reply delete(DiskClaim expected) {
    VmDiskClaim now = known.get(null, expected.name());
    if (now == null) {
      return new Reply.NotFound();
    }
    return api.delete(
        ApiPath.of(ResourceKind.VmDiskClaim, expected.name()),
        now.getMetadata().getUid(),
        expected.version(),
        null);
  }

  /** What the API server has now counts for the next decision, whoever wrote it. */
  private Reply remember(String name, Reply r) {
    Reply now = r instanceof Reply.Done ? r : api.get(ApiPath.of(ResourceKind.VmDiskClaim, name));
    if (now instanceof Reply.Done d) {
      known.wrote(api.read(d.object(), VmDiskClaim.class));
    }
    return r;
  }

  private JsonNode tree(DiskClaim claim, @Nullable ObjectMeta meta) {
    var c = new VmDiskClaim();
    c.setMetadata(meta != null ? meta : new ObjectMetaBuilder().withName(claim.name()).build());
    List<Holder> holders = claim.holders().stream().map(DiskClaims::holder).toList();
    c.setSpec(
        new VmDiskClaimSpec(
            holders.getFirst(),
            claim.shared() ? Access.Shared : null,
            holders.size() == 1 ? null : holders.subList(1, holders.size())));
    return api.tree(c);
  }

  private static Holder holder(DiskClaim.Holder h) {
    int slash = h.vm().indexOf('/');
    return new Holder(
        h.vm().substring(0, slash), h.vm().substring(slash + 1), h.uid(), h.disk(), h.epoch());
  }

  private static DiskClaim domain(VmDiskClaim c) {
    var holders = new ArrayList<DiskClaim.Holder>();
    holders.add(domain(c.getSpec().holder()));
    if (c.getSpec().sharers() != null) {
      c.getSpec().sharers().forEach(s -> holders.add(domain(s)));
    }
    return new DiskClaim(
        c.getMetadata().getName(),
        c.getMetadata().getResourceVersion(),
        c.getSpec().access() == Access.Shared,
        holders);
  }

  private static DiskClaim.Holder domain(Holder h) {
    return new DiskClaim.Holder(
        h.namespace() + "/" + h.name(), h.uid(), h.disk(), h.epoch() == null ? 0 : h.epoch());
  }
}
