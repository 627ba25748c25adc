package dev.lodge.cli.command;

import static dev.lodge.cli.Objects.VMS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.cli.Shell;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In a cluster there is no API of verbs yet: starting and stopping change the object. */
class ClusterTest extends CommandTest {
  private static final String VM =
      """
      {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
       "metadata":{"name":"web","namespace":"default","resourceVersion":"7","finalizers":["lodge.dev/vm"]},
       "spec":{"powerState":"%s","cpu":{"count":1},"memory":{"size":"64Mi"}},
       "status":{"phase":"%s"}}
      """;

  @BeforeEach
  void cluster() {
    shell.variable("LODGE_CLUSTER", "1");
  }

  @Test
  void stopChangesPowerStateAndKeepsTheRest() {
    agent.json("GET " + VMS + "/web", 200, VM.formatted("PoweredOn", "Running"));
    agent.json("PUT " + VMS + "/web", 200, "{}");

    Shell.Result result = shell.run("stop", "web");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(agent.requests().getLast().body())
        .contains("\"powerState\":\"PoweredOff\"")
        .contains("\"resourceVersion\":\"7\"")
        .contains("lodge.dev/vm");
  }

  @Test
  void startOfWhatIsOnAlreadySaysWhyNothingHappens() {
    agent.json("GET " + VMS + "/web", 200, VM.formatted("PoweredOn", "Stopped"));

    Shell.Result result = shell.run("start", "web");

    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("PoweredOn already, but its guest ended by itself");
  }

  @Test
  void verbsThatNeedMoreAreLeftOutAndSaySo() {
    assertThat(shell.run("restart", "web").err()).contains("does not work in a cluster yet");
    assertThat(shell.run("stop", "--force", "web").code()).isNotZero();
    assertThat(shell.run("--help").out()).contains("describe").doesNotContain("console");
  }
}
