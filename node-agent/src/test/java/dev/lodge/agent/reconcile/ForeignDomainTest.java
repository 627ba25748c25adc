package dev.lodge.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.testkit.hypervisor.HypervisorCall;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A domain of the VM's name that is somebody else's. */
class ForeignDomainTest {
  @TempDir private Path directory;
  private OneVm vm;
  private DomainState foreign;

  @BeforeEach
  void a_domain_of_somebody_elses() throws Exception {
    vm = new OneVm(directory, "");
    foreign = vm.hypervisor.addForeignDomain(OneVm.DOMAIN, "6b0c7a4e-0000-4000-8000-000000000001");
  }

  @AfterEach
  void close() {
    vm.close();
  }

  @Test
  void it_is_named_and_nothing_is_started_claimed_or_touched() {
    vm.pass();
    vm.pass();

    assertThat(vm.ready().reason()).isEqualTo("ForeignDomain");
    assertThat(vm.ready().message()).contains(OneVm.DOMAIN, "Lodge did not make", "rename it");
    assertThat(vm.domain()).contains(foreign);
    assertThat(vm.hypervisor.calls())
        .doesNotContain(HypervisorCall.START, HypervisorCall.DESTROY, HypervisorCall.SHUTDOWN);
    assertThat(vm.status().claimedBy()).isNull();
  }

  @Test
  void the_vm_starts_once_it_is_gone() {
    vm.pass();

    vm.hypervisor.guests().end(OneVm.DOMAIN);
    vm.pass();

    assertThat(vm.status().phase()).isEqualTo("Running");
    assertThat(vm.status().epoch()).isEqualTo(1);
  }

  @Test
  void no_disk_stays_claimed_beside_it() {
    vm.pass();

    assertThat(vm.released.get()).isPositive();
  }

  @Test
  void a_vm_beside_it_can_be_deleted() {
    vm.pass();

    vm.delete();
    vm.pass();

    assertThat(vm.exists()).isFalse();
    assertThat(vm.deleted.get()).isEqualTo(1);
    assertThat(vm.domain()).contains(foreign);
  }
}
