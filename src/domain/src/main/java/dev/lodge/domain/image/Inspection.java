package dev.lodge.domain.image;

/** The outcome of looking into a file. */
public sealed interface Inspection {

  /**
   * QEMU may open it, as what {@code header} says and nothing else.
   *
   * @param virtualSize what a guest sees, in bytes
   */
  record Accepted(ImageHeader header, long virtualSize) implements Inspection {}

  /**
   * QEMU must not open it.
   *
   * @param mend what the user can do
   */
  record Refused(String reason, String mend) implements Inspection {
    /** Both, for people. */
    public String message() {
      return reason + "; " + mend;
    }
  }
}
