package dev.lodge.bench.scale;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** CPU time and memory of processes, as /proc tells them. */
final class Costs {
  private static final Path PROC = Path.of("/proc");

  /** USER_HZ is 100 on every Linux that runs a JVM. */
  private static final long MILLIS_PER_TICK = 10;

  private Costs() {}

  /**
   * What was used until now.
   *
   * @param cpuMillis by process, in user and kernel mode
   * @param machineMillis by everything on the machine
   */
  record Sample(long nanos, Map<String, Long> cpuMillis, long machineMillis) {

    /** CPU time of a process since an earlier sample, in milliseconds. */
    double since(Sample before, String process) {
      return cpuMillis.getOrDefault(process, 0L) - before.cpuMillis.getOrDefault(process, 0L);
    }

    double secondsSince(Sample before) {
      return (nanos - before.nanos) / 1e9;
    }

    /** How many CPUs were busy with anything but the processes of the bench. */
    double othersSince(Sample before) {
      double own = cpuMillis.keySet().stream().mapToDouble(p -> since(before, p)).sum();
      return (machineMillis - before.machineMillis - own) / 1000 / secondsSince(before);
    }
  }

  static Sample sample(Map<String, Long> pids) {
    var cpu = new LinkedHashMap<String, Long>();
    pids.forEach((name, pid) -> cpu.put(name, cpuMillis(pid)));
    return new Sample(System.nanoTime(), cpu, machineMillis());
  }

  private static long cpuMillis(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"));
      // The name in brackets may hold spaces; the state follows it.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MILLIS_PER_TICK;
    } catch (IOException e) {
      return 0;
    }
  }

  private static long machineMillis() {
    try {
      String[] f = Files.readAllLines(PROC.resolve("stat")).getFirst().split("\\s+");
      long busy = 0;
      for (int i : new int[] {1, 2, 3, 6, 7}) {
        busy += Long.parseLong(f[i]);
      }
      return busy * MILLIS_PER_TICK;
    } catch (IOException e) {
      return 0;
    }
  }

  /** A line of /proc/PID/status in MiB: VmRSS, or VmHWM for the most there was. */
  static long memoryMiB(long pid, String what) throws IOException {
    for (String line : Files.readAllLines(PROC.resolve(pid + "/status"))) {
      if (line.startsWith(what + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    throw new NoSuchElementException(what);
  }

  /** Makes VmHWM begin anew. */
  static void forgetPeak(long pid) throws IOException {
    Files.writeString(PROC.resolve(pid + "/clear_refs"), "5");
  }

  /** The processes of a bed's control plane by name: they carry the bed's mark. */
  static Map<String, Long> controlPlane(String mark) throws IOException {
    var found = new LinkedHashMap<String, Long>();
    List<String> names = List.of("etcd", "kube-apiserver", "kube-scheduler", "kube-controller");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : all) {
        try {
          String comm = Files.readString(process.resolve("comm")).strip();
          for (String name : names) {
            if (comm.startsWith(name)
                && new String(
                        Files.readAllBytes(process.resolve("environ")),
                        java.nio.charset.StandardCharsets.ISO_8859_1)
                    .contains("LODGE_E2E_MARK=" + mark)) {
              found.put(name, Long.parseLong(process.getFileName().toString()));
            }
          }
        } catch (IOException e) {
          continue; // it has ended
        }
      }
    }
    if (found.size() != names.size()) {
      throw new NoSuchElementException("of " + names + " there are only " + found.keySet());
    }
    return found;
  }

  static String load() {
    try {
      return String.join(
          " ", List.of(Files.readString(PROC.resolve("loadavg")).split(" ")).subList(0, 1));
    } catch (IOException e) {
      return "?";
    }
  }
}
