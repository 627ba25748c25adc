package dev.lodge.cli.command;

import static dev.lodge.cli.Objects.VMS;
import static dev.lodge.cli.Objects.event;
import static dev.lodge.cli.Objects.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.cli.FakeAgent;
import dev.lodge.cli.Shell;
import dev.lodge.cli.image.TlsServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RunTest extends CommandTest {
  private static final String IMAGES = "/apis/lodge.dev/v1alpha1/namespaces/default/vmimages";
  private static final String SUM = "sha256:" + "0123456789abcdef".repeat(4);

  @BeforeEach
  void running() {
    agent.json("POST " + VMS, 201, "{}").json("POST " + IMAGES, 201, "{}");
    agent.json("POST /apis/lodge.dev/v1alpha1/hostresources", 201, "{}");
    for (String name : new String[] {"debian-12-generic", "disk", "mine"}) {
      agent.chunked(
          "GET " + VMS + "?watch=true&fieldSelector=metadata.name%3D" + name,
          event("ADDED", vm(name, "Running", "Running", "")));
    }
  }

  private String body(String path) {
    return agent.requests().stream()
        .filter(r -> r.toString().equals("POST " + path))
        .map(FakeAgent.Request::body)
        .findFirst()
        .orElse("");
  }

  @Test
  void makesAnImageOfAUrlAndAVmOfIt() {
    Shell.Result result =
        shell.run(
            "run",
            "-d",
            "https://x/y/Debian-12_generic.QCOW2?z=1",
            "--checksum",
            SUM,
            "--memory",
            "512Mi",
            "--disk-size",
            "20Gi");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            """
            vmimage.lodge.dev/debian-12-generic created
            virtualmachine.lodge.dev/debian-12-generic created
            virtualmachine.lodge.dev/debian-12-generic is running
            """);
    assertThat(body(IMAGES)).contains("\"checksum\":\"" + SUM + "\"").contains("https://x/y/");
    assertThat(body(VMS))
        .contains(
            "\"disks\":[{\"name\":\"root\",\"bootOrder\":1,\"size\":\"20Gi\",\"source\":{\"imageRef\":{\"name\":\"debian-12-generic\"}}}]")
        .contains("\"memory\":{\"size\":\"512Mi\"}");
  }

  @Test
  void asksForAChecksumUnlessToldToGoWithout() {
    Shell.Result refused = shell.run("run", "http://x/disk.img");
    Shell.Result insecure = shell.run("run", "-d", "http://x/disk.img", "--insecure-no-checksum");

    for (String wrong : new String[] {"sha512:abc", "md5:" + "0".repeat(32), "0".repeat(64)}) {
      Shell.Result result = shell.run("run", "http://x/disk.img", "--checksum", wrong);
      assertThat(result.code()).as(wrong).isEqualTo(2);
      assertThat(result.err()).contains("'" + wrong + "' is neither sha256:<64 hex digits>");
    }
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("--checksum: sha256:");
    assertThat(insecure.code()).isZero();
    assertThat(body(IMAGES)).contains("\"verification\":\"None\"");
  }

  @Test
  void readsTheChecksumWhereThePublisherGivesIt() throws Exception {
    SSLContext before = SSLContext.getDefault();
    String sum = "0123456789abcdef".repeat(8);
    try (var publisher = new TlsServer(directory)) {
      SSLContext.setDefault(publisher.context());
      URI sums = publisher.answer("/SHA512SUMS", 200, sum + "  disk.img\n");

      Shell.Result result =
          shell.run("run", "-d", "https://mirror.example/disk.img", "--checksum", sums.toString());
      Shell.Result other =
          shell.run("run", "-d", "https://mirror.example/x.img", "--checksum", sums.toString());

      assertThat(result.err()).isEmpty();
      assertThat(body(IMAGES))
          .contains("https://mirror.example/disk.img")
          .contains("\"checksum\":\"sha512:" + sum + "\"");
      assertThat(other.code()).isEqualTo(3);
    } finally {
      SSLContext.setDefault(before);
    }
  }

  @Test
  void aVmImageWinsOverAShortName() {
    agent.json("GET " + IMAGES + "/debian-12", 200, "{\"spec\":{},\"status\":{}}");

    Shell.Result result = shell.run("run", "-d", "debian-12", "--name", "mine");

    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("debian-12 has no password").contains("--ssh-key");
    assertThat(body(IMAGES)).isEmpty();
    assertThat(body(VMS)).contains("\"imageRef\":{\"name\":\"debian-12\"}");
  }

  @Test
  void tellsTheShortNamesToWhoeverAsksForAnother() {
    assertThat(shell.run("run", "debian-1").err()).contains("debian-12, debian-13, ubuntu-22.04");
  }

  @Test
  void namesAFileOfTheHostForIt() throws IOException {
    Path image = file("disk.raw", "x").toRealPath();

    Shell.Result result = shell.run("run", "-d", image.toString());

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(body("/apis/lodge.dev/v1alpha1/hostresources"))
        .contains("{\"type\":\"File\",\"path\":\"" + image + "\",\"access\":\"ReadOnly\"}");
    assertThat(body(IMAGES)).contains("\"hostResourceRef\":{\"name\":\"disk-");
  }

  @Test
  void leavesAnImageOfTheSameNameFromElsewhereAlone() {
    agent.json("GET " + IMAGES + "/disk", 200, "{\"spec\":{\"source\":{}}}");

    Shell.Result result =
        shell.run("run", "-d", "http://x/disk.img", "--checksum", SUM, "--name", "mine");

    assertThat(result.out()).matches("(?s)vmimage.lodge.dev/disk-[0-9a-f]{8} created\n.*");
    assertThat(body(VMS)).containsPattern("imageRef\":\\{\"name\":\"disk-[0-9a-f]{8}\"");
  }

  @Test
  void takesAnImageThatIsThereAndHandsOverAKey() throws IOException {
    agent.json("GET " + IMAGES + "/golden", 200, "{\"spec\":{},\"status\":{\"format\":\"ISO\"}}");
    Path key = file("id.pub", "ssh-ed25519 AAAA a@b\n");

    Shell.Result result =
        shell.run(
            "run",
            "-d",
            "golden",
            "--name",
            "mine",
            "--ssh-key",
            key.toString(),
            "--disk-size",
            "1Gi");

    assertThat(result.err()).isEmpty();
    assertThat(body(VMS))
        .contains("{\"name\":\"root\",\"size\":\"1Gi\",\"bootOrder\":1,\"source\":{\"blank\":{}}}")
        .contains("{\"name\":\"cd\",\"device\":\"CDROM\",\"bootOrder\":2")
        .contains("#cloud-config\\nssh_authorized_keys:\\n- \\\"ssh-ed25519 AAAA a@b\\\"\\n");
  }

  @Test
  void makesNothingWhenSomethingIsWrong() throws IOException {
    Path image = file("disk.raw", "x");
    agent.json("GET " + VMS + "/taken", 200, vm("taken", "Running", "Running", ""));

    assertThat(shell.run("run", "unknown").code()).isEqualTo(3);
    assertThat(shell.run("run", "./none.img").code()).isEqualTo(3);
    assertThat(shell.run("run", image.toString(), "--name", "taken").err())
        .contains("is there already");
    assertThat(shell.run("run", image.toString(), "--memory", "lots").err())
        .contains("memory.size");
    assertThat(shell.run("run", image.toString(), "--name", "Not_A_Name").code()).isEqualTo(4);
    assertThat(agent.requests()).noneMatch(r -> r.method().equals("POST"));
  }
}
