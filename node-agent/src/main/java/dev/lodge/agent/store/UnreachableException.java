package dev.lodge.agent.store;

/**
 * The objects cannot be read now, so nothing can be decided about one: guests run on, nothing is
 * claimed or released, and the pass is tried again.
 */
public final class UnreachableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnreachableException(String why) {
    super(why);
  }
}
