package dev.lodge.domain.ownership;

import org.jspecify.annotations.Nullable;

/**
 * What an agent does with its VmHost before it claims anything: it counts its boot there. Boot ids
 * have no order; the count has.
 */
public sealed interface HostRegistration {

  /** There is no VmHost: create it, then write this with {@code bootGeneration} 1. */
  record Create() implements HostRegistration {}

  /**
   * Compare-and-swap the status: this boot is a new one.
   *
   * @param taintedAtBoot a taint may be there already, which tells of an earlier boot; who cannot
   *     know says so too
   */
  record Write(long bootGeneration, boolean taintedAtBoot) implements HostRegistration {}

  /** This boot is counted; claims may be made in it. */
  record Registered(long bootGeneration, long fencedThrough) implements HostRegistration {}

  /** Another machine has this name: nothing may be started here. */
  record Refused(String why) implements HostRegistration {}

  /**
   * The VmHost as read live.
   *
   * @param machineId null: no agent has written it yet
   */
  record Known(
      @Nullable String machineId,
      @Nullable String bootId,
      long bootGeneration,
      long fencedThrough) {}

  /**
   * Decides; to be asked anew after each write, whatever came of it.
   *
   * @param known null: there is no VmHost
   * @param tainted the Node may carry somebody's taint out-of-service by now
   */
  static HostRegistration decide(
      @Nullable Known known, String machineId, String bootId, boolean tainted) {
    if (known == null) {
      return new Create();
    }
    if (known.machineId() != null && !known.machineId().equals(machineId)) {
      return new Refused(
          "another machine ("
              + known.machineId()
              + ") is registered under this node name; give this one ("
              + machineId
              + ") another name, or delete the VmHost once the other is gone for good");
    }
    return bootId.equals(known.bootId())
        ? new Registered(known.bootGeneration(), known.fencedThrough())
        : new Write(known.bootGeneration() + 1, tainted);
  }
}
