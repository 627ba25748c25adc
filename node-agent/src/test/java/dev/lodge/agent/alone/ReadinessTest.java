package dev.lodge.agent.alone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.testkit.hypervisor.HypervisorCall;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadinessTest {
  @TempDir private Path directory;
  private IdleVms vms;
  private Readiness readiness;

  @BeforeEach
  void two_vms_and_no_connection_yet() throws Exception {
    vms = new IdleVms(directory);
    vms.create("a");
    vms.create("b");
    readiness = new Readiness(vms.reconciler::unseen);
  }

  @AfterEach
  void close() {
    vms.close();
  }

  private void listen() {
    vms.hypervisor.listen(
        event -> {
          if (event instanceof HypervisorEvent.Connected
              || event instanceof HypervisorEvent.Disconnected) {
            vms.reconciler.lookAtAll();
          }
          readiness.heard(event);
        });
  }

  @Test
  void nobody_is_ready_before_libvirt_was_heard_of() {
    assertThat(readiness.missing()).contains("libvirt is not reached yet");
    assertThat(readiness.heardNothing()).isTrue();
  }

  @Test
  void while_libvirt_cannot_be_reached_the_reason_is_its_own() {
    vms.hypervisor.disconnect("connection refused");
    listen();

    assertThat(readiness.missing()).contains("libvirt cannot be reached: connection refused");
    assertThat(readiness.heardNothing()).isFalse();
    assertThat(readiness.reachedBefore()).isFalse();
  }

  @Test
  void every_vm_is_looked_at_before_the_agent_is_ready() {
    // The look at one of them gets no answer; its pass is tried again much later.
    vms.hypervisor.failNext(
        HypervisorCall.FIND, 1, new HypervisorFailure.TimedOut("no answer in 10 s"));
    listen();

    vms.until(() -> vms.reconciler.unseen().size() == 1);
    assertThat(readiness.missing().orElseThrow()).startsWith("1 VM(s) not looked at yet, e.g. def");
    vms.reconciler.wake(vms.reconciler.unseen().getFirst());
    vms.until(() -> readiness.missing().isEmpty());
  }

  @Test
  void a_lost_connection_is_told_until_it_stands_again_and_all_were_seen() {
    listen();
    vms.until(() -> readiness.missing().isEmpty());

    vms.hypervisor.disconnect("end of file");
    assertThat(readiness.missing()).contains("libvirt cannot be reached: end of file");
    vms.hypervisor.reconnect();

    vms.until(() -> readiness.missing().isEmpty());
  }

  @Test
  void a_vm_that_is_gone_keeps_nobody_waiting() {
    vms.hypervisor.disconnect("connection refused");
    listen();
    vms.forget("a");
    vms.forget("b");
    readiness.heard(new HypervisorEvent.Connected());

    vms.reconciler.wake(IdleVms.key("a"));
    vms.reconciler.wake(IdleVms.key("b"));

    vms.until(() -> readiness.missing().isEmpty());
  }
}
