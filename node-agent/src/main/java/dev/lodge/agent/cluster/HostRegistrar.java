package dev.lodge.agent.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.agent.kube.Answer;
import dev.lodge.agent.kube.KubeApi;
import dev.lodge.agent.reconcile.ClaimGuard;
import dev.lodge.agent.store.NodeStore;
import dev.lodge.agent.store.ObjectKey;
import dev.lodge.agent.store.StatusWrite;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.agent.store.UnreachableException;
import dev.lodge.api.ResourceKind;
import dev.lodge.domain.ownership.HostRegistration;
import dev.lodge.manifest.LodgeJson;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * This node's VmHost: registers the boot before anything is claimed in it, and says before each
 * claim whether it still stands.
 */
final class HostRegistrar implements ClaimGuard {
  private static final int MOST_WRITES = 10;

  /**
   * An agent may not read Nodes, so it takes for granted that a taint out-of-service was there when
   * the boot began: such a one proves nothing of this boot (R3). The operator clears the mark as
   * soon as it sees no taint.
   */
  private static final boolean MAYBE_TAINTED = true;

  private final KubeApi api;
  private final NodeStore store;
  private final ObjectKey key;
  private final String machineId;
  private final String bootId;
  private final String nonce;
  private final String version;
  private final NodeFile file;
  private volatile @Nullable Registered registered;

  /** This boot, counted. */
  record Registered(String hostUid, long bootGeneration, long fencedThrough) {}

  /** Nothing can be started until somebody mends this. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String why) {
      super(why);
    }
  }

  HostRegistrar(
      KubeApi api,
      NodeStore store,
      String nodeName,
      String machineId,
      String bootId,
      String nonce,
      String version,
      NodeFile file) {
    this.api = api;
    this.store = store;
    this.key = new ObjectKey(ResourceKind.VmHost, "", nodeName);
    this.machineId = machineId;
    this.bootId = bootId;
    this.nonce = nonce;
    this.version = version;
    this.file = file;
  }

  ObjectKey key() {
    return key;
  }

  /**
   * Counts this boot in the VmHost and makes this process its agent, durably on both sides.
   *
   * @throws RefusedException a person has to look
   * @throws UnreachableException try again
   */
  Registered register() throws RefusedException {
    Optional<NodeFile.Content> before = known();
    for (int writes = 0; writes < MOST_WRITES; writes++) {
      StoredObject host =
          switch (store.read(key)) {
            case NodeStore.Live.Unreachable u -> throw new UnreachableException(u.why());
            case NodeStore.Live.Absent _ -> null;
            case NodeStore.Live.Found f -> f.object();
          };
      switch (HostRegistration.decide(view(host, before), machineId, bootId, MAYBE_TAINTED)) {
        case HostRegistration.Create _ -> create();
        case HostRegistration.Refused r -> throw new RefusedException(r.why());
        case HostRegistration.Write w when host != null -> {
          checkNotBack(before, host, w.bootGeneration());
          write(host, w);
        }
        case HostRegistration.Write _ -> throw new IllegalStateException("nothing to write to");
        case HostRegistration.Registered r when host != null -> {
          if (!nonce.equals(host.status().path("agent").path("nonce").asText())) {
            takeOver(host);
            continue;
          }
          checkNotBack(before, host, r.bootGeneration());
          return remember(new Registered(host.uid(), r.bootGeneration(), r.fencedThrough()));
        }
        case HostRegistration.Registered _ -> throw new IllegalStateException("no VmHost");
      }
    }
    throw new UnreachableException("VmHost " + key.name() + " changes too often");
  }

  /**
   * As the core wants it. A VmHost without a boot, because it is new or was made anew after the
   * node was there already, goes on where the node's own file ended.
   */
  private HostRegistration.@Nullable Known view(
      @Nullable StoredObject host, Optional<NodeFile.Content> before) {
    if (host == null) {
      return null;
    }
    var s = host.status();
    long generation = s.path("bootGeneration").asLong();
    if (generation == 0 && before.isPresent()) {
      boolean same = before.get().bootId().equals(bootId);
      generation = before.get().bootGeneration() - (same ? 1 : 0);
    }
    return new HostRegistration.Known(
        s.path("machineID").isTextual() ? s.path("machineID").asText() : null,
        s.path("bootID").isTextual() ? s.path("bootID").asText() : null,
        generation,
        s.path("fencedThrough").asLong());
  }

  /** A VmHost out of a backup forgets boots in which guests were started. */
  private void checkNotBack(Optional<NodeFile.Content> before, StoredObject host, long generation)
      throws RefusedException {
    if (before.isEmpty()) {
      return;
    }
    NodeFile.Content b = before.get();
    boolean same = b.bootId().equals(bootId);
    if (same ? generation != b.bootGeneration() : generation <= b.bootGeneration()) {
      throw new RefusedException(
          "VmHost "
              + host.name()
              + " makes this boot number "
              + generation
              + ", but "
              + file.file()
              + " says "
              + b.bootGeneration()
              + (same ? "" : " for an earlier one")
              + ": one of them is out of a backup; delete the VmHost, and it is counted on from the file");
    }
  }

  private Optional<NodeFile.Content> known() throws RefusedException {
    try {
      Optional<NodeFile.Content> before = file.read();
      if (before.isPresent() && !before.get().nodeName().equals(key.name())) {
        throw new RefusedException(
            "the state directory is that of node "
                + before.get().nodeName()
                + ", not of "
                + key.name()
                + "; give the node its old name, or this agent a --state of its own");
      }
      return before;
    } catch (IOException e) {
      throw new RefusedException(String.valueOf(e.getMessage()));
    }
  }

  private void create() {
    ObjectNode host = LodgeJson.mapper().createObjectNode();
    host.put("apiVersion", ResourceKind.API_VERSION).put("kind", key.kind().name());
    host.putObject("metadata").put("name", key.name());
    host.putObject("spec");
    switch (api.post(KubeApi.path(ResourceKind.VmHost), host)) {
      case Answer.Done _ -> {}
      case Answer.Refused r when r.code() == 409 -> {}
      case Answer.Refused r ->
          throw new UnreachableException("VmHost " + key.name() + ": " + r.message());
      case Answer.Unknown u -> throw new UnreachableException(u.why());
    }
  }

  private void write(StoredObject host, HostRegistration.Write w) {
    ObjectNode status = status(host);
    status
        .put("machineID", machineId)
        .put("bootID", bootId)
        .put("bootGeneration", w.bootGeneration())
        .put("taintedAtBoot", w.taintedAtBoot());
    agent(status);
    swap(host, status);
  }

  private void takeOver(StoredObject host) {
    ObjectNode status = status(host);
    agent(status);
    swap(host, status);
  }

  private void agent(ObjectNode status) {
    status.withObjectProperty("agent").put("version", version).put("nonce", nonce);
  }

  private void swap(StoredObject host, ObjectNode status) {
    switch (store.writeStatus(key, host.uid(), host.resourceVersion(), status)) {
      // Read again, whatever came of it.
      case StatusWrite.Applied _, StatusWrite.Conflict _, StatusWrite.Gone _ -> {}
      case StatusWrite.Failed f ->
          throw new UnreachableException("VmHost " + key.name() + ": " + f.why());
      case StatusWrite.Unknown u -> throw new UnreachableException(u.why());
    }
  }

  private static ObjectNode status(StoredObject host) {
    return host.status() instanceof ObjectNode s
        ? s.deepCopy()
        : LodgeJson.mapper().createObjectNode();
  }

  private Registered remember(Registered r) throws RefusedException {
    try {
      file.write(new NodeFile.Content(key.name(), r.hostUid(), bootId, r.bootGeneration()));
    } catch (IOException e) {
      throw new RefusedException("the state cannot be written: " + e.getMessage());
    }
    registered = r;
    return r;
  }

  @Override
  public Optional<String> refusal() {
    return switch (store.read(key)) {
      case NodeStore.Live.Unreachable u -> throw new UnreachableException(u.why());
      case NodeStore.Live.Absent _ ->
          Optional.of("nothing is started: VmHost " + key.name() + " is gone; restart the agent");
      case NodeStore.Live.Found f -> refusal(f.object());
    };
  }

  private Optional<String> refusal(StoredObject host) {
    Registered mine = registered;
    var s = host.status();
    if (mine == null || !host.uid().equals(mine.hostUid())) {
      return Optional.of(
          "nothing is started: VmHost " + key.name() + " is another one by now; restart the agent");
    }
    if (!s.path("machineID").asText().equals(machineId)
        || s.path("bootGeneration").asLong() != mine.bootGeneration()) {
      return Optional.of(
          "nothing is started: VmHost "
              + key.name()
              + " speaks of another machine or boot; restart the agent");
    }
    if (!s.path("agent").path("nonce").asText().equals(nonce)) {
      return Optional.of("nothing is started: another agent process serves this node");
    }
    return s.path("fencedThrough").asLong() >= mine.bootGeneration()
        ? Optional.of(
            "nothing is started: this boot of the node was declared over (fencedThrough); reboot it"
                + " and take off the taint node.kubernetes.io/out-of-service")
        : Optional.empty();
  }
}
