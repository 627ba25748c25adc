package dev.lodge.domain.change;

import dev.lodge.api.change.Change;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.v1alpha1.virtualmachine.Disk;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineSpec;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The list of changes between the spec that a guest was started with and the one that is wished. It
 * walks the records themselves, so that a new field is in it from the start; the cost is what
 * {@link Change} says on the field or, where it says nothing, on the one above.
 */
public final class SpecDiff {
  /** Never shown: they may hold passwords. */
  private static final List<String> SECRET = List.of("cloudInit.userData", "cloudInit.networkData");

  private static final int LONGEST = 200;

  private SpecDiff() {}

  /** All that differs, in the order of the fields. */
  public static List<SpecChange> diff(VirtualMachineSpec running, VirtualMachineSpec desired) {
    var changes = new ArrayList<SpecChange>();
    records("", running, desired, Cost.NEXT_BOOT, changes);
    return changes;
  }

  private static void records(
      String prefix, Record running, Record desired, Cost above, List<SpecChange> changes) {
    for (RecordComponent c : running.getClass().getRecordComponents()) {
      Change own = c.getAnnotation(Change.class);
      Cost cost = own == null ? above : own.value();
      if (c.getName().equals("source") && bothCdrom(running, desired)) {
        cost = Cost.LIVE;
      }
      values(prefix + c.getName(), get(c, running), get(c, desired), cost, changes);
    }
  }

  private static void values(
      String path,
      @Nullable Object running,
      @Nullable Object desired,
      Cost cost,
      List<SpecChange> changes) {
    if (Objects.equals(running, desired)) {
      return;
    }
    if (running instanceof List<?> a && desired instanceof List<?> b && named(a) && named(b)) {
      lists(path, a, b, cost, changes);
    } else if (running instanceof Record a
        && desired instanceof Record b
        && cost != Cost.LIVE
        && a.getClass() == b.getClass()
        && a.getClass().getRecordComponents().length > 1) {
      records(path + ".", a, b, cost, changes);
    } else {
      changes.add(new SpecChange(path, show(path, running), show(path, desired), cost));
    }
  }

  private static void lists(
      String path, List<?> running, List<?> desired, Cost cost, List<SpecChange> changes) {
    for (Object a : running) {
      Object b = named(desired, name(a));
      String item = path + "[" + name(a) + "]";
      if (b == null) {
        changes.add(new SpecChange(item, "present", null, cost));
      } else if (!a.equals(b)) {
        records(item + ".", (Record) a, (Record) b, cost, changes);
      }
    }
    for (Object b : desired) {
      if (named(running, name(b)) == null) {
        changes.add(new SpecChange(path + "[" + name(b) + "]", null, "present", cost));
      }
    }
    // The order alone changes nothing: names and addresses in the guest are pinned.
  }

  private static boolean bothCdrom(Record a, Record b) {
    return a instanceof Disk x
        && b instanceof Disk y
        && x.device() == Disk.Device.CDROM
        && y.device() == Disk.Device.CDROM;
  }

  private static boolean named(List<?> list) {
    return list.stream()
        .allMatch(
            o ->
                o instanceof Record r
                    && r.getClass().getRecordComponents()[0].getName().equals("name"));
  }

  private static @Nullable Object named(List<?> list, String name) {
    for (Object o : list) {
      if (name(o).equals(name)) {
        return o;
      }
    }
    return null;
  }

  private static String name(Object item) {
    return String.valueOf(get(item.getClass().getRecordComponents()[0], (Record) item));
  }

  private static @Nullable Object get(RecordComponent c, Record r) {
    try {
      return c.getAccessor().invoke(r);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("accessors of API records are public and throw nothing", e);
    }
  }

  private static @Nullable String show(String path, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (SECRET.contains(path)) {
      return "(not shown)";
    }
    String text = text(value);
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }

  /** As a user would write it, near enough: members that are absent are left out. */
  private static String text(Object value) {
    if (value instanceof List<?> list) {
      return "[" + String.join(", ", list.stream().map(SpecDiff::text).toList()) + "]";
    }
    if (!(value instanceof Record r) || value instanceof dev.lodge.api.common.Quantity) {
      return value.toString();
    }
    var members = new ArrayList<String>();
    for (RecordComponent c : r.getClass().getRecordComponents()) {
      Object member = get(c, r);
      if (member != null) {
        members.add(
            c.getName()
                + ": "
                + (SECRET.contains("cloudInit." + c.getName()) ? "(not shown)" : text(member)));
      }
    }
    return "{" + String.join(", ", members) + "}";
  }
}
