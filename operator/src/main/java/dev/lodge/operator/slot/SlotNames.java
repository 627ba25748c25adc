package dev.lodge.operator.slot;

/** Names, labels and annotations of slot pods. */
public final class SlotNames {
  /** Label: the VM's name. */
  public static final String VM = "lodge.dev/vm";

  /** Label: the VM's UID; a pod with it is a slot. */
  public static final String VM_UID = "lodge.dev/vm-uid";

  /** Label: the VM's {@code onDrain}, by which the budget of a namespace selects. */
  public static final String ON_DRAIN = "lodge.dev/on-drain";

  /** Annotation: nodes that it was told to avoid. */
  public static final String AVOIDS = "lodge.dev/avoids";

  /** The one container. */
  public static final String CONTAINER = "slot";

  private static final int LONGEST = 63;
  private static final int UID_DIGITS = 8;

  private SlotNames() {}

  /** {@code <vm>-<8 hex digits of the UID>-<epoch>}: made twice, it is the same pod. */
  public static String pod(String vm, String uid, long epoch) {
    String end =
        "-"
            + uid.replace("-", "").substring(0, UID_DIGITS).toLowerCase(java.util.Locale.ROOT)
            + "-"
            + epoch;
    String begin = vm.substring(0, Math.min(vm.length(), LONGEST - end.length()));
    return begin.replaceAll("[-.]+$", "") + end;
  }

  /**
   * The epoch that a slot was made for, which nobody can change as it is in the pod's name; 0,
   * which no VM has, if there is none.
   */
  public static long epoch(String pod) {
    String digits = pod.substring(pod.lastIndexOf('-') + 1);
    return digits.matches("[1-9][0-9]{0,17}") ? Long.parseLong(digits) : 0;
  }
}
