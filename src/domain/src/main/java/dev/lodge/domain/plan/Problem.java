package dev.lodge.domain.plan;

/**
 * Why a spec cannot become a machine on this host.
 *
 * @param path the field, e.g. {@code machine.type} or {@code disks[root].bus}
 * @param what what is wrong
 * @param mend what the user can do about it
 */
public record Problem(String path, String what, String mend) {

  /** For people: field, fault and mend in one line. */
  public String text() {
    return path + ": " + what + "; " + mend;
  }
}
