package dev.lodge.bench.scale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A user with many VMs: creates them, sees by a watch of his own when each is Running, deletes
 * them.
 */
final class Vms implements AutoCloseable {
  private static final String NAMESPACE = "scale";
  private static final String PATH =
      "/apis/lodge.dev/v1alpha1/namespaces/" + NAMESPACE + "/virtualmachines";
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(60);

  private final Api api;
  private final Map<String, Vm> vms = new ConcurrentHashMap<>();
  private final Thread following;

  private static final class Vm {
    final String name;
    final CountDownLatch running = new CountDownLatch(1);
    final CountDownLatch gone = new CountDownLatch(1);
    volatile long createdNanos;
    volatile long runningNanos;
    volatile String phase = "";

    Vm(String name) {
      this.name = name;
    }
  }

  /**
   * What came of creating some.
   *
   * @param millis from the request to the watch's word that it is Running, in order of size
   * @param failed requests that were not granted, and VMs that did not run in time
   */
  record Outcome(List<Double> millis, int failed, double seconds, double middleRate) {
    double percentile(double p) {
      return millis.isEmpty()
          ? Double.NaN
          : millis.get((int) Math.min(millis.size() - 1, Math.floor(p * millis.size())));
    }
  }

  Vms(Api api) {
    this.api = api;
    this.following = Thread.ofPlatform().daemon().name("vms").unstarted(this::follow);
  }

  void start() {
    ObjectNode namespace = JsonNodeFactory.instance.objectNode();
    namespace.put("apiVersion", "v1").put("kind", "Namespace");
    namespace
        .putObject("metadata")
        .put("name", NAMESPACE)
        .putObject("labels")
        .put("pod-security.kubernetes.io/enforce", "restricted");
    Api.Reply r = api.post("/api/v1/namespaces", namespace).join();
    if (!r.ok() && r.code() != 409) {
      throw new IllegalStateException("namespace: " + r.body());
    }
    following.start();
  }

  private void follow() {
    try {
      api.follow(PATH, this::seen);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void seen(JsonNode event) {
    Vm vm = vms.get(event.path("object").path("metadata").path("name").asText());
    if (vm == null) {
      return;
    }
    if (event.path("type").asText().equals("DELETED")) {
      vm.gone.countDown();
      vms.remove(vm.name);
      return;
    }
    vm.phase = event.path("object").path("status").path("phase").asText();
    if (vm.runningNanos == 0 && vm.phase.equals("Running")) {
      vm.runningNanos = System.nanoTime();
      vm.running.countDown();
    }
  }

  int count() {
    return vms.size();
  }

  /**
   * Creates VMs at a rate, whatever becomes of those before, and waits until they run.
   *
   * @param perSecond 0: as fast as the API server takes them, {@code inFlight} not yet running at a
   *     time
   */
  Outcome create(String prefix, int number, double perSecond, int inFlight)
      throws InterruptedException {
    var started = new ArrayList<Vm>();
    var refused = new AtomicInteger();
    var room = new Semaphore(inFlight);
    long began = System.nanoTime();
    for (int i = 0; i < number; i++) {
      if (perSecond > 0) {
        long due = began + (long) (i / perSecond * 1e9);
        TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
      } else {
        room.acquire();
      }
      var vm = new Vm(prefix + "-" + i);
      vms.put(vm.name, vm);
      started.add(vm);
      vm.createdNanos = System.nanoTime();
      var unused =
          api.post(PATH, manifest(vm.name))
              .thenAccept(
                  r -> {
                    if (!r.ok()) {
                      System.err.println("create " + vm.name + ": " + r.code() + " " + r.body());
                      refused.incrementAndGet();
                      vm.running.countDown();
                    }
                  });
      if (perSecond <= 0) {
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    vm.running.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  room.release();
                });
      }
    }
    long until = System.nanoTime() + LEAST_PATIENCE.plusMillis(number * 200L).toNanos();
    int late = 0;
    for (Vm vm : started) {
      if (!vm.running.await(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        if (late++ < 5) {
          System.err.println("not Running in time: " + vm.name + " is " + vm.phase);
        }
      }
    }
    return outcome(started, refused.get() + late, (System.nanoTime() - began) / 1e9);
  }

  private static Outcome outcome(List<Vm> started, int failed, double seconds) {
    List<Vm> ran = started.stream().filter(v -> v.runningNanos != 0).toList();
    List<Long> ends = ran.stream().map(v -> v.runningNanos).sorted().toList();
    int first = ends.size() / 10;
    int last = ends.size() * 9 / 10;
    double rate =
        last > first ? (last - first) / ((ends.get(last) - ends.get(first)) / 1e9) : Double.NaN;
    return new Outcome(
        ran.stream().map(v -> (v.runningNanos - v.createdNanos) / 1e6).sorted().toList(),
        failed,
        seconds,
        rate);
  }

  /** Deletes all that there are and waits until they are gone; says how many stayed. */
  int deleteAll() throws InterruptedException {
    List<Vm> all = List.copyOf(vms.values());
    var room = new Semaphore(16);
    ObjectNode options = JsonNodeFactory.instance.objectNode();
    options.put("apiVersion", "v1").put("kind", "DeleteOptions");
    for (Vm vm : all) {
      room.acquire();
      var unused =
          api.delete(PATH + "/" + vm.name, options)
              .thenAccept(
                  r -> {
                    room.release();
                    if (r.code() == 404) {
                      vm.gone.countDown();
                      vms.remove(vm.name);
                    } else if (!r.ok()) {
                      System.err.println("delete " + vm.name + ": " + r.code() + " " + r.body());
                    }
                  });
    }
    long until = System.nanoTime() + LEAST_PATIENCE.plusMillis(all.size() * 200L).toNanos();
    int stayed = 0;
    for (Vm vm : all) {
      if (!vm.gone.await(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        stayed++;
      }
    }
    return stayed;
  }

  /** One interface on the default network, no disk: what costs Lodge's six writes. */
  private static ObjectNode manifest(String name) {
    ObjectNode vm = JsonNodeFactory.instance.objectNode();
    vm.put("apiVersion", "lodge.dev/v1alpha1").put("kind", "VirtualMachine");
    vm.putObject("metadata").put("name", name).put("namespace", NAMESPACE);
    ObjectNode spec = vm.putObject("spec");
    spec.put("hypervisor", "KVM");
    spec.putObject("cpu").put("count", 1).put("model", "qemu64").put("request", "10m");
    spec.putObject("memory").put("size", "128Mi");
    spec.putObject("graphics").put("type", "None");
    spec.putObject("stop").put("gracePeriodSeconds", 0);
    spec.putArray("disks");
    return vm;
  }

  @Override
  public void close() {
    following.interrupt();
  }
}
