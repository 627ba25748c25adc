package dev.lodge.agent.alone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.agent.apiserver.Verbs;
import dev.lodge.agent.apiserver.Verbs.Verb;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verbs of an agent whose libvirt is away: what runs is not known. */
class AloneVerbsTest {
  @TempDir private Path directory;
  private IdleVms vms;
  private AloneVerbs verbs;

  @BeforeEach
  void a_vm_that_should_be_off() throws Exception {
    vms = new IdleVms(directory);
    vms.create("a");
    vms.hypervisor.disconnect("libvirtd is away");
    verbs = new AloneVerbs(vms.store, vms.reconciler, new Operations(vms.store), Clock.systemUTC());
  }

  @AfterEach
  void close() {
    vms.close();
  }

  @Test
  void a_stop_is_taken_where_nobody_knows_whether_a_guest_runs() {
    assertThat(ask(Verb.STOP, true)).isInstanceOf(Verbs.Result.Accepted.class);

    assertThat(requests()).contains("\"verb\":\"Stop\"", "\"force\":true");
  }

  @Test
  void a_start_overtakes_a_forced_stop_that_was_not_carried_out() {
    ask(Verb.STOP, true);

    ask(Verb.START, false);

    assertThat(requests()).contains("\"verb\":\"Start\"").doesNotContain("Stop");
  }

  private Verbs.Result ask(Verb verb, boolean force) {
    return verbs.request(IdleVms.key("a"), verb, force, "tester").toCompletableFuture().join();
  }

  private String requests() {
    return vms.get("a").status().path("requests").toString();
  }
}
