package dev.lodge.domain.ownership;

import java.util.Arrays;

/**
 * The states met so far: 128 bits of hash each (that two of 10^7 states share theirs has a chance
 * below 10^-24), in the order in which they were met, with the one that each was met from.
 */
final class Seen {
  private long[] high = new long[1 << 16];
  private long[] low = new long[1 << 16];
  private int[] parent = new int[1 << 16];
  private int[] table = new int[1 << 18];
  private int size;

  int size() {
    return size;
  }

  int parent(int state) {
    return parent[state];
  }

  boolean is(int state, int[] vector) {
    return high[state] == hash(vector, 0x9E3779B97F4A7C15L)
        && low[state] == hash(vector, 0xC2B2AE3D27D4EB4FL);
  }

  /** Whether {@code vector} is new; then its number is {@code size() - 1}. */
  boolean add(int[] vector, int from) {
    long h = hash(vector, 0x9E3779B97F4A7C15L);
    long l = hash(vector, 0xC2B2AE3D27D4EB4FL);
    int mask = table.length - 1;
    int i = (int) l & mask;
    while (table[i] != 0) {
      int s = table[i] - 1;
      if (low[s] == l && high[s] == h) {
        return false;
      }
      i = (i + 1) & mask;
    }
    if (size == high.length) {
      high = Arrays.copyOf(high, 2 * size);
      low = Arrays.copyOf(low, 2 * size);
      parent = Arrays.copyOf(parent, 2 * size);
    }
    high[size] = h;
    low[size] = l;
    parent[size] = from;
    table[i] = ++size;
    if (size > table.length / 2) {
      grow();
    }
    return true;
  }

  private void grow() {
    table = new int[2 * table.length];
    int mask = table.length - 1;
    for (int s = 0; s < size; s++) {
      int i = (int) low[s] & mask;
      while (table[i] != 0) {
        i = (i + 1) & mask;
      }
      table[i] = s + 1;
    }
  }

  private static long hash(int[] vector, long seed) {
    long h = seed;
    for (int x : vector) {
      h = (h ^ x) * 0xff51afd7ed558ccdL;
      h ^= h >>> 32;
    }
    h *= 0xc4ceb9fe1a85ec53L;
    return h ^ (h >>> 29);
  }
}
