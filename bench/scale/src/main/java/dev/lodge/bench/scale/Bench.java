package dev.lodge.bench.scale;

import static dev.lodge.bench.scale.Report.text;

import dev.lodge.bench.scale.AuditLog.Count;
import dev.lodge.bench.scale.AuditLog.Writer;
import dev.lodge.bench.scale.Costs.Sample;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** One run: its steps, one after another, on nodes that are ready. */
final class Bench implements AutoCloseable {
  private static final String OPERATOR = "operator";
  private static final String API_SERVER = "kube-apiserver";

  /** The audit log is written up to a second late, and followers of a start come a little later. */
  private static final Duration SETTLE = Duration.ofSeconds(3);

  private static final Duration BASELINE = Duration.ofSeconds(20);

  private final Vms vms;
  private final AuditLog audit;
  private final Map<String, Long> controlPlane;
  private final IntFunction<OperatorProcess> operators;
  private final Report report;
  private final List<OperatorProcess> started = new ArrayList<>();
  private final Map<String, Double> background = new LinkedHashMap<>();
  private OperatorProcess leader;
  private int port;

  /** A step with what it cost. */
  private record Measured(
      Vms.Outcome outcome, Count writes, Sample before, Sample after, String load) {}

  /**
   * @param operators starts one that listens on a port
   */
  Bench(
      Vms vms,
      AuditLog audit,
      Map<String, Long> controlPlane,
      IntFunction<OperatorProcess> operators,
      int firstPort,
      Report report) {
    this.vms = vms;
    this.audit = audit;
    this.controlPlane = controlPlane;
    this.operators = operators;
    this.port = firstPort;
    this.report = report;
    this.leader = next();
  }

  private OperatorProcess next() {
    OperatorProcess operator = operators.apply(port++);
    started.add(operator);
    return operator;
  }

  /** The first operator, which has begun to lead an empty cluster. */
  OperatorProcess leader() {
    return leader;
  }

  void run(Plan plan) throws IOException, InterruptedException {
    report.row(
        "operator ready after its start, no VM yet",
        text("%.1f s", leader.readySeconds()),
        "3 s",
        Costs.load());
    vms.create("warm", plan.warmUp(), 5, plan.warmUp());
    settleAfterDeletion();
    baseline();
    if (plan.slow() > 0) {
      Measured m = measured("slow", plan.slow(), 2);
      latency("create → Running, 2/s", m, plan, "80 / 150 ms (145 / 269)");
      writes(m, plan.slow());
      settleAfterDeletion();
    }
    if (plan.quick() > 0) {
      Measured m = measured("quick", plan.quick(), 5);
      latency("create → Running, 5/s", m, plan, "100 / 250 ms (209 / 491)");
      cpu("5/s", m, plan.quick());
      settleAfterDeletion();
    }
    if (plan.sustained() > 0) {
      Measured m = measured("sustained", plan.sustained(), 0);
      report.row(
          text("sustained, %d VMs, 32 not yet running at a time", plan.sustained()),
          text("%.1f VMs/s%s", m.outcome().middleRate(), failed(m)),
          "20 VMs/s (8-9)",
          circumstances(m));
      cpu("at full speed", m, plan.sustained());
      settleAfterDeletion();
    }
    many(plan);
    idle(plan);
    leaders(plan);
    crowd(plan);
    long began = System.nanoTime();
    int number = vms.count();
    int stayed = vms.deleteAll();
    report.row(
        text("%d VMs deleted", number),
        text("%.1f VMs/s, %d stayed", number / ((System.nanoTime() - began) / 1e9), stayed),
        "",
        "");
    complaints();
  }

  private void complaints() throws IOException {
    var all = new ArrayList<String>();
    for (OperatorProcess operator : started) {
      all.addAll(operator.complaints());
    }
    report.detail(
        all.isEmpty()
            ? "The operators' logs have no warning and no error after they were ready."
            : all.size() + " warnings or errors in the operators' logs, e.g. " + all.getFirst());
  }

  private void many(Plan plan) throws IOException, InterruptedException {
    Costs.forgetPeak(leader.pid());
    Measured m = measured("many", plan.many(), 10);
    latency(
        text("%d VMs at 10/s", plan.many()), m, plan, "300 / 1000 ms (14.7 s / 28.4 s), no error");
    report.row(
        text("operator RSS with %d VMs, at most while they came", plan.many()),
        text(
            "%d MiB, %d MiB",
            Costs.memoryMiB(leader.pid(), "VmRSS"), Costs.memoryMiB(leader.pid(), "VmHWM")),
        "256 MiB (275)",
        "");
    cpu(text("%d at 10/s", plan.many()), m, plan.many());
  }

  private void crowd(Plan plan) throws IOException, InterruptedException {
    if (plan.crowd() == 0) {
      return;
    }
    int had = vms.count();
    Costs.forgetPeak(leader.pid());
    Measured m = measured("crowd", plan.crowd() - had, plan.crowdPerSecond());
    latency(text("from %d to %d VMs on %d nodes", had, plan.crowd(), plan.nodes()), m, plan, "");
    report.row(
        text("operator RSS with %d VMs, at most while they came", vms.count()),
        text(
            "%d MiB, %d MiB",
            Costs.memoryMiB(leader.pid(), "VmRSS"), Costs.memoryMiB(leader.pid(), "VmHWM")),
        "",
        "");
    report.row(
        text("API server and etcd RSS with %d VMs", vms.count()),
        text(
            "%d MiB, %d MiB",
            Costs.memoryMiB(pid(API_SERVER), "VmRSS"), Costs.memoryMiB(pid("etcd"), "VmRSS")),
        "",
        "");
    cpu(text("%d to %d", had, plan.crowd()), m, plan.crowd() - had);
  }

  private void idle(Plan plan) throws IOException, InterruptedException {
    if (plan.idleSeconds() == 0) {
      return;
    }
    Thread.sleep(SETTLE);
    String load = Costs.load();
    long from = audit.end();
    Sample before = sample();
    Thread.sleep(Duration.ofSeconds(plan.idleSeconds()));
    Sample after = sample();
    Count count = audit.count(from, audit.end());
    report.row(
        text("writes by Lodge in %d s for %d idle VMs", plan.idleSeconds(), vms.count()),
        text(
            "%d; heartbeats of %d nodes apart: %.1f/s",
            count.own(), plan.nodes(), count.heartbeats() / after.secondsSince(before)),
        "0",
        text("%s; %.1f", load, after.othersSince(before)));
    report.row(
        text("CPU meanwhile: operator, API server"),
        text(
            "%.1f %%, %.1f %% of a core",
            after.since(before, OPERATOR) / after.secondsSince(before) / 10,
            after.since(before, API_SERVER) / after.secondsSince(before) / 10),
        "",
        "");
    if (count.all() + count.refused() > 0) {
      report.detail("Writes while idle: " + list(count, 1));
    }
  }

  /** Kills the leader and at the same moment asks for something that only a leader does. */
  private void leaders(Plan plan) throws IOException, InterruptedException {
    var seconds = new ArrayList<Double>();
    String load = Costs.load();
    int failed = 0;
    for (int i = 0; i < plan.leaders(); i++) {
      OperatorProcess standby = next();
      if (i == 0) {
        report.row(
            text("operator ready after its start, %d VMs", vms.count()),
            text("%.1f s", standby.readySeconds()),
            "3 s",
            Costs.load());
      }
      leader.kill();
      leader = standby;
      Vms.Outcome o = vms.create("leader" + i, 1, 1, 1);
      failed += o.failed();
      o.millis().forEach(ms -> seconds.add(ms / 1000));
    }
    if (plan.leaders() > 0) {
      report.row(
          text("leader killed (SIGKILL) → a VM created then is Running, %d times", plan.leaders()),
          seconds.stream().map(s -> text("%.1f s", s)).collect(Collectors.joining(", "))
              + (failed == 0 ? "" : ", failed: " + failed),
          "60 s, goal 20 s",
          load);
    }
  }

  private void settleAfterDeletion() throws InterruptedException {
    int stayed = vms.deleteAll();
    if (stayed > 0) {
      report.detail(stayed + " VMs were not gone in time.");
    }
    Thread.sleep(SETTLE);
  }

  /** What everything costs while nothing is asked of it. */
  private void baseline() throws InterruptedException {
    Sample before = sample();
    Thread.sleep(BASELINE);
    Sample after = sample();
    for (String process : after.cpuMillis().keySet()) {
      background.put(process, after.since(before, process) / after.secondsSince(before));
    }
  }

  private Measured measured(String prefix, int number, double perSecond)
      throws IOException, InterruptedException {
    String load = Costs.load();
    long from = audit.end();
    Sample before = sample();
    Vms.Outcome outcome = vms.create(prefix, number, perSecond, perSecond > 0 ? number : 32);
    Thread.sleep(SETTLE);
    Sample after = sample();
    return new Measured(outcome, audit.count(from, audit.end()), before, after, load);
  }

  private void latency(String what, Measured m, Plan plan, String target) {
    report.row(
        what + " on " + plan.nodes() + " nodes, p50 / p95",
        text(
            "%.0f / %.0f ms (most %.0f)%s",
            m.outcome().percentile(0.50),
            m.outcome().percentile(0.95),
            m.outcome().percentile(1),
            failed(m)),
        target,
        circumstances(m));
  }

  private void writes(Measured m, int number) {
    Count c = m.writes();
    report.row(
        "Lodge's own writes per start",
        text(
            "%.2f (operator %.2f, agent %.2f)",
            (double) c.own() / number,
            (double) c.of(Writer.OPERATOR) / number,
            (double) c.of(Writer.AGENT) / number),
        "6",
        "");
    report.row(
        "writes of all components per start",
        text(
            "%.2f (user %.2f, scheduler %.2f, kubelet %.2f, controllers %.2f)",
            (double) c.all() / number,
            (double) c.of(Writer.USER) / number,
            (double) c.of(Writer.SCHEDULER) / number,
            (double) c.of(Writer.KUBELET) / number,
            (double) c.of(Writer.CONTROLLERS) / number),
        "10 (20-25)",
        "");
    report.detail("Writes per start: " + list(c, number));
  }

  private static String list(Count c, int number) {
    return c.what().entrySet().stream()
        .map(e -> text("%s %.2f", e.getKey(), (double) e.getValue() / number))
        .collect(Collectors.joining("; "));
  }

  private void cpu(String what, Measured m, int number) {
    report.row(
        "CPU per VM, " + what + ": operator, API server",
        text(
            "%.1f, %.1f ms (without background %.1f, %.1f)",
            m.after().since(m.before(), OPERATOR) / number,
            m.after().since(m.before(), API_SERVER) / number,
            net(m, OPERATOR) / number,
            net(m, API_SERVER) / number),
        "15 (35-61), 70 (133-216)",
        circumstances(m));
    report.detail(
        "CPU per VM, "
            + what
            + ", all processes: "
            + m.after().cpuMillis().keySet().stream()
                .map(p -> text("%s %.1f ms", p, m.after().since(m.before(), p) / number))
                .collect(Collectors.joining(", ")));
  }

  private double net(Measured m, String process) {
    return m.after().since(m.before(), process)
        - background.getOrDefault(process, 0.0) * m.after().secondsSince(m.before());
  }

  private static String failed(Measured m) {
    return m.outcome().failed() == 0 ? ", no error" : ", FAILED: " + m.outcome().failed();
  }

  private static String circumstances(Measured m) {
    return text("%s; %.1f", m.load(), m.after().othersSince(m.before()));
  }

  private long pid(String process) {
    return Objects.requireNonNull(controlPlane.get(process));
  }

  private Sample sample() {
    var pids = new LinkedHashMap<>(controlPlane);
    pids.put(OPERATOR, leader.pid());
    pids.put("bench (nodes and user)", ProcessHandle.current().pid());
    return Costs.sample(pids);
  }

  @Override
  public void close() {
    started.forEach(OperatorProcess::close);
  }
}
