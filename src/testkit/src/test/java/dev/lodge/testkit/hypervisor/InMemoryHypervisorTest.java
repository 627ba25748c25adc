package dev.lodge.testkit.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.DomainId;
import dev.lodge.domain.hypervisor.DomainState;
import dev.lodge.domain.hypervisor.DomainState.Power;
import dev.lodge.domain.hypervisor.Hypervisor;
import dev.lodge.domain.hypervisor.HypervisorEvent;
import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import dev.lodge.domain.hypervisor.HypervisorFailure;
import dev.lodge.domain.machine.DevicePlan;
import dev.lodge.domain.machine.MachinePlan;
import dev.lodge.testkit.plan.Plans;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InMemoryHypervisorTest extends HypervisorContract {
  private final InMemoryHypervisor memory = new InMemoryHypervisor();

  @Override
  protected Hypervisor hypervisor() {
    return memory;
  }

  @Override
  protected Set<Ability> abilities() {
    return EnumSet.allOf(Ability.class);
  }

  @Override
  protected Plans guest(String name) {
    return Plans.tiny(name);
  }

  @Override
  protected Plans livelyGuest(String name) {
    return Plans.tiny(name).acpi();
  }

  @Override
  protected void awaitLively(MachinePlan plan) {
    assertThat(memory.find(plan.identity().domainName())).isPresent();
  }

  @Override
  protected DomainId addForeignDomain(String libvirtName) {
    return memory.addForeignDomain(libvirtName, "11111111-2222-4333-8444-555555555555").id();
  }

  @Override
  protected void addForeignNetwork(String libvirtName) {
    memory.addForeignNetwork(libvirtName);
  }

  @Override
  protected void removeForeign() {
    memory.clock().advance(Duration.ofDays(1));
  }

  @Override
  protected String medium() {
    return "/images/some.iso";
  }

  @Override
  protected String typed(MachinePlan plan, DevicePlan.Console console) {
    return new String(
        memory.guests().typed(plan.identity().domainName(), console.name()),
        StandardCharsets.UTF_8);
  }

  @Override
  protected boolean holds(DomainId id, String path) {
    DevicePlan.Disk drive = (DevicePlan.Disk) memory.guests().device(id.name(), "disk/cd");
    return drive.source() != null && drive.source().path().equals(path);
  }

  @Override
  protected boolean unplugged(DomainId id) {
    return !((DevicePlan.Interface) memory.guests().device(id.name(), "interface/lan")).linkUp();
  }

  @Override
  protected void pause() {
    memory.clock().advance(Duration.ofMillis(100));
  }

  @Test
  void aFailureIsScriptedForSomeCallsOfOneKind() {
    memory.failNext(HypervisorCall.START, 2, new HypervisorFailure.Failed("no"));
    MachinePlan plan = Plans.tiny(name()).plan();

    assertThat(failureOf(() -> memory.start(plan))).isEqualTo(new HypervisorFailure.Failed("no"));
    assertThat(failureOf(() -> memory.start(plan))).isEqualTo(new HypervisorFailure.Failed("no"));
    assertThat(memory.find(plan.identity().domainName())).isEmpty();
    assertThat(memory.start(plan).power()).isEqualTo(Power.RUNNING);
  }

  @Test
  void aLostReplyHidesAStartThatWasCarriedOut() {
    MachinePlan plan = Plans.tiny(name()).plan();
    memory.loseReplyOfNext(HypervisorCall.START, 1);

    HypervisorFailure failure = failureOf(() -> memory.start(plan));

    assertThat(failure.outcomeUnknown()).isTrue();
    assertThat(memory.find(plan.identity().domainName())).isPresent();
  }

  @Test
  void whileDisconnectedNothingIsKnownAndNothingIsHeard() {
    DomainState state = memory.start(Plans.tiny(name()).plan());
    int heard = events().size();

    memory.disconnect("libvirtd went away");
    HypervisorFailure failure = failureOf(memory::list);
    memory.guests().killQemu(state.id().name());
    memory.reconnect();

    assertThat(failure).isEqualTo(new HypervisorFailure.Unavailable("libvirtd went away"));
    assertThat(events().subList(heard, events().size()))
        .containsExactly(
            new HypervisorEvent.Disconnected("libvirtd went away"),
            new HypervisorEvent.Connected());
    assertThat(memory.list()).isEmpty();
    assertThat(memory.lastEnd(state.id().name())).isEqualTo(How.CRASHED);
  }

  @Test
  void aGuestEndsByItselfAndTheEndIsTold() {
    DomainState one = memory.start(Plans.tiny(name()).plan());
    DomainState two = memory.start(Plans.tiny(name()).plan());

    memory.guests().end(one.id().name());
    memory.guests().killQemu(two.id().name());

    assertThat(events())
        .contains(
            new HypervisorEvent.DomainEnded(one.id(), How.SHUTDOWN),
            new HypervisorEvent.DomainEnded(two.id(), How.CRASHED));
  }

  @Test
  void aPanicDoesWhatThePlanSays() {
    DomainState kept =
        memory.start(Plans.tiny(name()).onCrash(MachinePlan.CrashAction.PRESERVE).plan());
    DomainState restarted =
        memory.start(Plans.tiny(name()).onCrash(MachinePlan.CrashAction.RESTART).plan());

    memory.guests().panic(kept.id().name());
    memory.guests().panic(restarted.id().name());

    assertThat(memory.find(kept.id().name()).orElseThrow().power()).isEqualTo(Power.CRASHED);
    assertThat(memory.find(restarted.id().name()).orElseThrow().power()).isEqualTo(Power.RUNNING);
    assertThat(memory.guests().resets(restarted.id().name())).isEqualTo(1);
  }

  @Test
  void aQemuThatDiesAtOnceLeavesItsLastWords() {
    MachinePlan plan = Plans.tiny(name()).plan();
    memory.dieAtNextStart("rom check and register reset failed");

    HypervisorFailure failure = failureOf(() -> memory.start(plan));

    assertThat(failure)
        .isInstanceOfSatisfying(
            HypervisorFailure.StartFailed.class,
            f -> assertThat(f.lastWords()).isEqualTo("rom check and register reset failed"));
    assertThat(memory.find(plan.identity().domainName())).isEmpty();
  }

  @Test
  void aGuestThatIgnoresThePowerButtonRunsOn() {
    DomainState state = memory.start(Plans.tiny(name()).acpi().plan());
    memory.guests().ignorePowerButton(state.id().name());

    memory.shutdown(state.id());
    memory.clock().advance(Duration.ofHours(1));

    assertThat(memory.find(state.id().name()).orElseThrow().power()).isEqualTo(Power.RUNNING);
  }
}
