package dev.lodge.domain.ownership;

import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Breadth first through all that can happen, to a number of states or to the end. */
final class Explorer {
  /**
   * @param violation what was broken; null: nothing in the states that were seen
   * @param path the shortest way to it
   * @param exhausted there are no more states within the bounds
   * @param ran some state had a guest that runs
   * @param resumed some guest ran on from memory that had moved
   * @param samples some of the states, all over the search
   */
  record Found(
      @Nullable String violation,
      List<String> path,
      int states,
      int depth,
      boolean exhausted,
      boolean ran,
      boolean resumed,
      double seconds,
      List<int[]> samples) {

    @Override
    public String toString() {
      return "%s%,d states, depth %d, %s, %.1f CPU-s"
          .formatted(
              violation == null ? "" : violation + " after " + path.size() + " steps; ",
              states,
              depth,
              exhausted ? "all of them" : "stopped there",
              seconds);
    }
  }

  private static final int MOST_SAMPLES = 4000;

  private final Model model;
  private final Moves moves;
  private final int mostStates;
  private final Seen seen = new Seen();
  private final ArrayDeque<int[]> queue = new ArrayDeque<>();
  private final List<int[]> samples = new ArrayList<>();
  private int[] first = {};
  private int[] end = {};
  private int number;
  private int depth;
  private boolean ran;
  private boolean resumed;
  private @Nullable String violation;

  Explorer(Model model, int mostStates) {
    this.model = model;
    this.moves = new Moves(model);
    this.mostStates = mostStates;
  }

  Found explore(int[] from) {
    long began = cpuTime();
    first = from;
    seen.add(from, -1);
    queue.add(from);
    int levelEnd = 1;
    int every = Math.max(1, mostStates / MOST_SAMPLES);
    while (!queue.isEmpty() && violation == null && seen.size() < mostStates) {
      if (number == levelEnd) {
        depth++;
        levelEnd = seen.size();
      }
      int[] w = queue.remove();
      if (number % every == 0) {
        samples.add(w);
      }
      moves.all(w, this::met);
      if (violation == null) {
        number++;
      }
    }
    return new Found(
        violation,
        violation == null ? List.of() : path(number),
        seen.size(),
        depth,
        queue.isEmpty(),
        ran,
        resumed,
        (cpuTime() - began) / 1e9,
        samples);
  }

  private static long cpuTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private void met(String name, int[] to) {
    if (violation != null) {
      return;
    }
    String broken = model.broken;
    model.broken = null;
    if (!within(to) && broken == null) {
      return;
    }
    violation = broken != null ? broken : model.violation(to);
    if (violation != null) {
      end = to;
      return;
    }
    if (seen.add(to, number)) {
      queue.add(to);
      for (int v = 0; v < model.bounds.vms(); v++) {
        ran |= model.running(to, v) > 0;
        resumed |=
            model.running(to, v) > 0
                && model.record(to, v).claimedBy()
                    == dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineStatus.ClaimedBy
                        .HandOver;
      }
    }
  }

  private boolean within(int[] w) {
    for (int v = 0; v < model.bounds.vms(); v++) {
      if (model.record(w, v).epoch() > model.bounds.mostEpochs) {
        return false;
      }
    }
    return true;
  }

  private List<String> path(int last) {
    var numbers = new ArrayDeque<Integer>();
    for (int s = last; s > 0; s = seen.parent(s)) {
      numbers.addFirst(s);
    }
    var path = new ArrayList<String>();
    moves.describe(true);
    int[] w = first;
    for (int s : numbers) {
      int[][] next = new int[1][];
      moves.all(
          w,
          (name, to) -> {
            if (next[0] == null && seen.is(s, to)) {
              next[0] = to;
              path.add(name);
            }
          });
      model.broken = null;
      w = next[0];
    }
    moves.all(
        w,
        (name, to) -> {
          if (Arrays.equals(to, end) && (path.isEmpty() || !path.getLast().endsWith("!"))) {
            path.add(name + "!");
          }
        });
    model.broken = null;
    moves.describe(false);
    return path;
  }
}
