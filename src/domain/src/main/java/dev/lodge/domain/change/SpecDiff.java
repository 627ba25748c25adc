package dev.lodge.domain.change;

import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.AwaitingChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares two specs field by field. It knows no field by name but those whose cost depends on
 * another: a new field of the API is compared without a change here, and costs what its
 * {@code @Change} says or else what the field above it costs.
 */
public final class SpecDiff {
  /** The CRD allows so many in {@code status.restartAwaitingChanges}. */
  private static final int MOST_AWAITING = 64;

  private final List<SpecChange> changes = new ArrayList<>();

  private SpecDiff() {}

  /** All changes, in the order of the fields. */
  public static List<SpecChange> diff(VirtualMachineSpec running, VirtualMachineSpec desired) {
    var diff = new SpecDiff();
    diff.records("", Shape.of(VirtualMachineSpec.class), running, desired, Cost.NEXT_BOOT);
    return List.copyOf(diff.changes);
  }

  /** What waits for a restart, for the status. */
  public static List<AwaitingChange> awaiting(List<SpecChange> changes) {
    return changes.stream()
        .filter(c -> c.cost() == Cost.NEXT_BOOT)
        .limit(MOST_AWAITING)
        .map(c -> new AwaitingChange(c.path(), c.current(), c.desired()))
        .toList();
  }

  private void records(
      String path, Shape shape, @Nullable Object current, @Nullable Object desired, Cost cost) {
    for (Shape.Field field : shape.fields()) {
      Object a = field.of(current);
      Object b = field.of(desired);
      values(
          path.isEmpty() ? field.name() : path + "." + field.name(),
          field,
          a,
          b,
          cost(field, current, desired, cost));
    }
  }

  private void values(
      String path, Shape.Field field, @Nullable Object a, @Nullable Object b, Cost cost) {
    if (Texts.same(a, b)) {
      return;
    }
    if (field.named() && (a != null || b != null)) {
      elements(path, field, a, b, cost);
    } else if (field.shape() != null && !isBare(field.shape(), a) && !isBare(field.shape(), b)) {
      records(path, field.shape(), a, b, cost);
    } else if (field.secret()) {
      add(path, a == null ? null : "(not shown)", b == null ? null : "(changed, not shown)", cost);
    } else {
      add(path, Texts.of(a), Texts.of(b), cost);
    }
  }

  /** A record that says nothing but that it is there, such as {@code serial: {}}. */
  private static boolean isBare(Shape shape, @Nullable Object value) {
    return value != null && shape.fields().stream().allMatch(f -> f.of(value) == null);
  }

  /** Lists whose elements have names: their order says nothing. */
  private void elements(
      String path, Shape.Field field, @Nullable Object a, @Nullable Object b, Cost cost) {
    Map<String, Object> current = byName(field, a);
    Map<String, Object> desired = byName(field, b);
    if (current.isEmpty() && desired.isEmpty()) {
      add(path, Texts.of(a), Texts.of(b), cost);
      return;
    }
    Set<String> names = new LinkedHashSet<>(current.keySet());
    names.addAll(desired.keySet());
    for (String name : names) {
      String element = path + "[" + name + "]";
      Object before = current.get(name);
      Object after = desired.get(name);
      if (before == null || after == null) {
        add(element, Texts.of(before), Texts.of(after), cost);
      } else {
        records(element, Objects.requireNonNull(field.element()), before, after, cost);
      }
    }
  }

  private static Map<String, Object> byName(Shape.Field field, @Nullable Object list) {
    Map<String, Object> named = new LinkedHashMap<>();
    if (list instanceof List<?> elements) {
      for (Object element : elements) {
        named.put(Objects.requireNonNull(field.element()).nameOf(element), element);
      }
    }
    return named;
  }

  /** The medium of a CD-ROM drive is changed while the guest runs; a disk is not. */
  private static Cost cost(
      Shape.Field field, @Nullable Object current, @Nullable Object desired, Cost inherited) {
    if (field.name().equals("source")
        && current instanceof Disk a
        && desired instanceof Disk b
        && a.device() == Disk.Device.CDROM
        && b.device() == Disk.Device.CDROM) {
      return Cost.LIVE;
    }
    return field.cost() == null ? inherited : field.cost();
  }

  private void add(String path, @Nullable String current, @Nullable String desired, Cost cost) {
    changes.add(new SpecChange(path, current, desired, cost));
  }
}
