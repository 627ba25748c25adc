package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.HypervisorEvent.DomainEnded.How;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The log in which libvirt keeps, domain by domain, each start with its command line, what QEMU
 * says, and how the domain ended. A guest can make QEMU write into it: only its end is read, and
 * nothing unprintable passes.
 */
final class QemuLog {
  private static final int TAIL = 8192;
  private static final int WORDS = 2000;

  /** "2025-11-24 15:32:37.042+0000: " of libvirt, "2025-11-24T15:32:37.042000Z " of QEMU. */
  private static final Pattern TIME =
      Pattern.compile("^\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d[.\\d]*(Z|\\+\\d{4}:)? ?");

  private static final Pattern QEMU = Pattern.compile("^\\S*qemu-system-\\w+: ");
  private static final Pattern END = Pattern.compile("shutting down, reason=([a-z-]+)");

  private final Path directory;

  QemuLog(Path directory) {
    this.directory = directory;
  }

  /** What QEMU said since it was started last, or nothing. */
  String lastWords(String domainName) {
    List<String> said = new ArrayList<>();
    for (String line : tail(domainName).split("\n")) {
      if (line.contains(": starting up libvirt version")) {
        said.clear();
      } else if (isQemus(line)) {
        said.add(line);
      }
    }
    return words(String.join("\n", said));
  }

  /** How the domain ended last; unknown if it has been started since. */
  How lastEnd(String domainName) {
    How how = How.UNKNOWN;
    for (String line : tail(domainName).split("\n")) {
      if (line.contains(": starting up libvirt version")) {
        how = How.UNKNOWN;
      }
      Matcher end = END.matcher(line);
      if (TIME.matcher(line).find() && end.find()) {
        how =
            switch (end.group(1)) {
              case "shutdown" -> How.SHUTDOWN;
              case "destroyed" -> How.DESTROYED;
              case "crashed", "failed" -> How.CRASHED;
              default -> How.UNKNOWN;
            };
      }
    }
    return how;
  }

  /** QEMU's lines without their time and the program's name. */
  static String words(String lines) {
    List<String> kept = new ArrayList<>();
    for (String line : lines.split("\n")) {
      String text = TIME.matcher(printable(line)).replaceFirst("");
      text = QEMU.matcher(text).replaceFirst("").strip();
      if (!text.isEmpty()) {
        kept.add(text);
      }
    }
    String all = String.join("\n", kept);
    return all.length() <= WORDS ? all : "..." + all.substring(all.length() - WORDS);
  }

  /** With every control character but line ends replaced. */
  static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?");
  }

  /** Not the command line, nor libvirt's own lines. */
  private static boolean isQemus(String line) {
    return !line.endsWith("\\")
        && !line.contains(": shutting down, reason=")
        && !line.startsWith("-")
        && !line.startsWith("char device ");
  }

  private String tail(String domainName) {
    Path file = directory.resolve(domainName + ".log");
    try (FileChannel log = FileChannel.open(file)) {
      long size = log.size();
      ByteBuffer end = ByteBuffer.allocate((int) Math.min(size, TAIL));
      log.position(size - end.capacity());
      while (end.hasRemaining() && log.read(end) >= 0) {
        // until the buffer is full, or the file was cut short meanwhile
      }
      return new String(end.array(), 0, end.position(), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      System.getLogger(QemuLog.class.getName())
          .log(System.Logger.Level.WARNING, "cannot read {0}: {1}", file, e.toString());
      return "";
    }
  }
}
