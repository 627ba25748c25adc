package dev.lodge.domain.ownership;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Slot pods, the scheduler that binds them, the kubelets and agents that end them. */
final class SimulatedPods {
  private final SplittableRandom random;
  private final int nodes;
  private final List<List<Slot>> slots = new ArrayList<>();
  private int number;
  private boolean gracesEnd;

  SimulatedPods(SplittableRandom random, int vms, int nodes) {
    this.random = random;
    this.nodes = nodes;
    for (int v = 0; v < vms; v++) {
      slots.add(new ArrayList<>());
    }
  }

  List<Slot> of(int vm) {
    return slots.get(vm);
  }

  List<List<Slot>> all() {
    return slots.stream().map(List::copyOf).toList();
  }

  /** From now on also the grace of a slot in which nobody ever ran comes to its end. */
  void endAllGraces() {
    gracesEnd = true;
  }

  boolean create(int vm, AssignmentAction.CreateSlot c) {
    String name = "slot-" + vm + "-" + c.epoch();
    if (slots.get(vm).stream().anyMatch(s -> s.name().equals(name))) {
      return false;
    }
    // The scheduler binds at once or later; a pinned one goes where it must.
    String node = c.pinnedTo() != null ? c.pinnedTo() : random.nextBoolean() ? anyNode() : null;
    slots.get(vm).add(slot(name, "pod-" + number++, c.epoch(), node, false, c.avoids()));
    return true;
  }

  boolean delete(int vm, AssignmentAction.DeleteSlot d) {
    for (Slot s : slots.get(vm)) {
      if (s.uid().equals(d.slot().uid())) {
        slots.get(vm).remove(s);
        if (!d.now() && s.state() == Slot.State.BOUND) {
          slots.get(vm).add(leaving(s));
        }
        return true;
      }
    }
    return false;
  }

  /** What is pending is bound; what is deleted ends once its VM is released. */
  void goOn(int vm, OwnershipRecord r) {
    for (Slot s : List.copyOf(slots.get(vm))) {
      boolean never = gracesEnd && !(r.held() && r.epoch() == s.epoch());
      boolean over = r.epoch() > s.epoch() || r.epoch() == s.epoch() && r.released() || never;
      boolean pending = s.state() == Slot.State.PENDING;
      if (s.leaving() && (pending || over)) {
        slots.get(vm).remove(s);
      } else if (pending) {
        slots.get(vm).remove(s);
        slots.get(vm).add(slot(s.name(), s.uid(), s.epoch(), anyNode(), false, s.avoids()));
      }
    }
  }

  /** Somebody drains a node, or deletes a pod by force. */
  String drainOrLose(int vm) {
    if (slots.get(vm).isEmpty()) {
      return "";
    }
    Slot s = slots.get(vm).remove(random.nextInt(slots.get(vm).size()));
    if (random.nextBoolean()) {
      return s.name() + " is lost";
    }
    slots.get(vm).add(leaving(s));
    return s.name() + " is drained";
  }

  private static Slot leaving(Slot s) {
    return slot(s.name(), s.uid(), s.epoch(), s.node(), true, s.avoids());
  }

  private static Slot slot(
      String name, String uid, long epoch, @Nullable String node, boolean leaving, String avoids) {
    Slot.State state = node == null ? Slot.State.PENDING : Slot.State.BOUND;
    return new Slot(name, uid, epoch, node, state, leaving, null, avoids);
  }

  private String anyNode() {
    return Model.node(random.nextInt(nodes));
  }
}
