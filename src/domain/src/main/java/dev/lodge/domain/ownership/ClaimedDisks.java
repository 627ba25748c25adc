package dev.lodge.domain.ownership;

import dev.lodge.domain.machine.DomainNames;
import java.util.List;

/** What a VM's locks have in common, for the operator that takes them and the agent that starts. */
public final class ClaimedDisks {
  private static final int DIGITS = 32;

  private ClaimedDisks() {}

  /**
   * A disk that another VM could name and that is opened for writing, as both sides see it.
   *
   * @param source for a claim {@code pvc/<name>}; for a host's {@code hr/<resource>/<scope>/<path
   *     of the resource on this node>/<path in it>}
   */
  public record Nameable(String disk, String source, boolean shared) {}

  /**
   * Digest of the disks that a start opens. The operator writes it with the owner, for the disks
   * that it has locked; the agent starts only with the same digest of the spec that it is about to
   * start: a disk that was added meanwhile is not locked.
   */
  public static String fingerprint(List<Nameable> disks) {
    var text = new StringBuilder();
    for (Nameable d : disks) {
      text.append(d.disk()).append('\n').append(d.source()).append('\n').append(d.shared());
      text.append('\n');
    }
    return DomainNames.hash(text.toString(), DIGITS);
  }
}
