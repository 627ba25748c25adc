package dev.lodge.agent.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real virtlogd, made to rotate by a guest that counts on its serial line. */
@Timeout(180)
class ConsoleLogIT {
  /** Of nine bytes each: more than the 2 MiB after which virtlogd rotates. */
  private static final int LINES = 260_000;

  /**
   * Prints 00000000, 00000001 and so on in hex, each on a line, then halts: waits for the
   * transmitter (0x3fd bit 5) and writes to 0x3f8. The count is in the bytes left out.
   */
  private static final String COUNTER =
      "6631dbb9080066c1c30488d8240f04303c3a72020427e81600e2ebb00ae80f0066436681fb"
          + "%s"
          + "72d8faf4ebfd88c4bafd03eca82074fb88e0baf803eec3";

  @TempDir Path dir;
  private final String name = "lodge-console-" + ProcessHandle.current().pid();
  private String uri = "";

  @BeforeEach
  void guest() throws IOException {
    String set = System.getenv("LODGE_TEST_LIBVIRT_URI");
    assumeThat(set).as("LODGE_TEST_LIBVIRT_URI").isNotBlank();
    uri = set;
    // QEMU runs as another user and must come to its firmware.
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    byte[] rom = new byte[64 << 10];
    Arrays.fill(rom, (byte) 0xff);
    byte[] lines =
        ByteBuffer.allocate(4).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(LINES).array();
    byte[] code = HexFormat.of().parseHex(COUNTER.formatted(HexFormat.of().formatHex(lines)));
    System.arraycopy(code, 0, rom, 0, code.length);
    // Where the CPU begins: a far jump to the ROM's first byte.
    byte[] reset = {(byte) 0xea, 0, 0, 0, (byte) 0xf0};
    System.arraycopy(reset, 0, rom, 0xfff0, reset.length);
    Files.write(dir.resolve("counter.rom"), rom);
    Files.writeString(
        dir.resolve("guest.xml"),
        """
        <domain type='qemu'>
          <name>%s</name>
          <memory unit='KiB'>2048</memory>
          <vcpu>1</vcpu>
          <os><type arch='i686' machine='pc'>hvm</type>
            <loader readonly='yes' type='rom'>%s</loader></os>
          <devices>
            <serial type='pty'><log file='%s' append='off'/></serial>
            <memballoon model='none'/>
          </devices>
        </domain>
        """
            .formatted(name, dir.resolve("counter.rom"), log()));
  }

  private Path log() {
    return dir.resolve("serial0.log");
  }

  @AfterEach
  void destroy() throws Exception {
    if (!uri.isEmpty()) {
      virsh("destroy", name);
    }
  }

  private int virsh(String... args) throws Exception {
    String[] all = new String[args.length + 3];
    all[0] = "virsh";
    all[1] = "-c";
    all[2] = uri;
    System.arraycopy(args, 0, all, 3, args.length);
    Process p =
        new ProcessBuilder(all)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("virsh.out").toFile())
            .start();
    assertThat(p.waitFor(60, TimeUnit.SECONDS)).as("virsh ended").isTrue();
    return p.exitValue();
  }

  @Test
  void everyByteOfARotatingConsoleIsReadOnceAndANewBootBeginsAnew() throws Exception {
    try (ConsoleLog follower = new ConsoleLog(log())) {
      assertThat(virsh("create", dir.resolve("guest.xml").toString()))
          .as(Files.readString(dir.resolve("virsh.out")))
          .isZero();

      readLines(follower, LINES);

      assertThat(Files.exists(dir.resolve("serial0.log.0"))).as("virtlogd rotated").isTrue();
      try (ConsoleLog late = new ConsoleLog(log())) {
        readLines(late, LINES);
      }
      assertThat(virsh("destroy", name)).isZero();
      assertThat(virsh("create", dir.resolve("guest.xml").toString())).isZero();
      readLines(follower, 1000);
    }
  }

  /** Reads so many lines, each of which must be its own number. */
  private static void readLines(ConsoleLog log, int lines) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    ByteBuffer buffer = ByteBuffer.allocate(8 << 10);
    StringBuilder rest = new StringBuilder();
    int next = 0;
    while (next < lines) {
      assertThat(System.nanoTime()).as("line %d came", next).isLessThan(deadline);
      buffer.clear();
      int n = log.read(buffer);
      if (n == 0) {
        Thread.sleep(5);
        continue;
      }
      rest.append(new String(buffer.array(), 0, n, StandardCharsets.US_ASCII));
      int from = 0;
      for (int end = rest.indexOf("\n"); end >= 0 && next < lines; end = rest.indexOf("\n", from)) {
        String line = rest.substring(from, end);
        if (!line.equals(HexFormat.of().toHexDigits(next))) {
          assertThat(line).as("line %d", next).isEqualTo(HexFormat.of().toHexDigits(next));
        }
        next++;
        from = end + 1;
      }
      rest.delete(0, from);
    }
  }
}
