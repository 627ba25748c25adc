package dev.lodge.agent.reconcile;

import java.util.Optional;

/**
 * Whether this process may still claim for its node, asked before each claim and each start: that
 * its boot was not fenced, and that the node is registered to this machine and this process.
 */
@FunctionalInterface
public interface ClaimGuard {
  /** Of an agent alone: nobody else could fence it or take its node. */
  ClaimGuard ALONE = Optional::empty;

  /**
   * Why nothing may be claimed, with the mend; empty: it may.
   *
   * @throws dev.lodge.agent.store.UnreachableException nobody can say
   */
  Optional<String> refusal();
}
