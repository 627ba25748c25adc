package dev.lodge.agent.cluster;

import dev.lodge.agent.reconcile.SlotEnder;
import dev.lodge.agent.storage.Brought;

/** PORT: the slot pods of this node, as far as a node can see pods without asking for them. */
public interface Slots extends SlotEnder {
  /**
   * What a slot has brought to this node.
   *
   * @param podUid of the slot; empty: there is none
   * @param running told once its container runs, if it was asked for in vain
   */
  Brought brought(String podUid, Runnable running);
}
