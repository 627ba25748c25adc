package dev.lodge.agent.reconcile;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.domain.ownership.NodeEntry;
import org.jspecify.annotations.Nullable;

/**
 * What a node keeps of a VM in a file of its own, {@code STATE/vms/<uid>/node.json}.
 *
 * @param releasedThrough ownership epochs up to this one are over on this node
 * @param migrating blocks local starts during a migration (R8); null: none is under way
 * @param run the guest that was started last
 * @param ended how the guest ended by itself; null after somebody started it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodeRecord(
    long releasedThrough,
    NodeEntry.@Nullable Hold migrating,
    @Nullable Run run,
    @Nullable Ended ended) {

  /**
   * A guest that was started.
   *
   * @param spec as it was then: what differs since waits for a restart
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Run(long epoch, long bootGeneration, String startedAt, VirtualMachineSpec spec) {}

  /** How a guest ended by itself. */
  public record Ended(How how, String at) {
    /** The ways. */
    public enum How {
      /** It shut down. */
      Shutdown,
      /** It panicked, or QEMU died. */
      Crash,
      /** Nobody was there to see. */
      Unknown
    }

    /** Whether {@code restartPolicy: OnFailure} starts it again. */
    @JsonIgnore
    public boolean failed() {
      return how != How.Shutdown;
    }
  }

  /** A VM that has never run here. */
  public static NodeRecord first() {
    return new NodeRecord(0, null, null, null);
  }

  /** With what the ownership core wrote. */
  NodeRecord entry(NodeEntry.Known entry) {
    return new NodeRecord(entry.releasedThrough(), entry.hold(), run, ended);
  }

  NodeRecord run(Run next) {
    return new NodeRecord(releasedThrough, migrating, next, null);
  }

  NodeRecord withoutRun() {
    return new NodeRecord(releasedThrough, migrating, null, ended);
  }

  NodeRecord ended(@Nullable Ended how) {
    return new NodeRecord(releasedThrough, migrating, run, how);
  }
}
