package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.QemuUser;
import dev.lodge.agent.hostfile.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * qemu-img, in a cage: as the user of QEMU, without new privileges, with bounds of memory, time and
 * file size. Only files that were inspected are given to it.
 */
final class QemuImg {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long MEMORY = 1L << 30;
  private final QemuUser user;

  QemuImg(QemuUser user) {
    this.user = user;
  }

  /** Makes a qcow2 disk larger. The file becomes the QEMU user's own. */
  void resize(Path disk, long size) throws IOException {
    user.give(disk);
    run(disk, List.of("resize", "-q", "-f", "qcow2", disk.toString(), String.valueOf(size)));
  }

  private void run(Path disk, List<String> arguments) throws IOException {
    Path program =
        Tool.find("qemu-img")
            .orElseThrow(
                () -> new IOException("qemu-img is not installed; install package qemu-utils"));
    List<String> command = new ArrayList<>();
    if (user.user().isPresent() && Tool.find("setpriv").isPresent()) {
      UserPrincipal principal = user.user().get();
      command.addAll(
          List.of(
              Tool.find("setpriv").get().toString(),
              "--reuid=" + principal.getName(),
              "--regid=" + user.group().orElse("nogroup"),
              "--clear-groups",
              "--no-new-privs",
              "--inh-caps=-all",
              "--"));
    }
    if (Tool.find("prlimit").isPresent()) {
      command.addAll(
          List.of(
              Tool.find("prlimit").get().toString(),
              "--as=" + MEMORY,
              "--cpu=" + LIMIT.toSeconds(),
              "--core=0",
              "--"));
    }
    command.add(program.toString());
    command.addAll(arguments);
    Tool.run("qemu-img", command, Map.of(), disk.resolveSibling("qemu-img.out"), LIMIT);
  }
}
