package dev.lodge.agent.apiserver;

/**
 * What the bodies of all clients together may take of the agent's memory at once: each has its
 * bound, but a hundred at that bound would be more than the heap.
 */
final class BodyBudget {
  private final long most;
  private long taken;

  BodyBudget(long most) {
    this.most = most;
  }

  /** Takes some; false: so much is not left. */
  synchronized boolean take(int bytes) {
    if (taken + bytes > most) {
      return false;
    }
    taken += bytes;
    return true;
  }

  /** Gives back what was taken. */
  synchronized void giveBack(int bytes) {
    taken -= bytes;
  }
}
