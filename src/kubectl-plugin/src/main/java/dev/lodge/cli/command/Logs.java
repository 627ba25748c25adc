package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Paths;
import dev.lodge.cli.http.HttpAnswer;
import dev.lodge.cli.http.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lodge logs}. */
@Command(
    name = "logs",
    description = "Show what a VM's console has said since the VM was started.",
    sortOptions = false)
public final class Logs implements Runnable {
  private final Context context;

  @Mixin private OneVm vm = new OneVm();

  @Option(
      names = {"-f", "--follow"},
      description = "Go on and show what comes.")
  private boolean follow;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "serial or virtio; default: the first that the VM has.")
  private String device = "";

  @Option(
      names = {"-p", "--previous"},
      description = "Of the boot before this one: what the guest said last before it ended.")
  private boolean previous;

  @Option(names = "--tail", paramLabel = "BYTES", description = "Only the last so many bytes.")
  private @Nullable Long tail;

  @Option(
      names = "--raw",
      description = "As the guest wrote it, escape sequences too; else they are taken out.")
  private boolean raw;

  public Logs(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    if (previous && follow) {
      throw new Failure(ExitCode.USAGE, "--previous is over: leave out --follow");
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("device", device);
    parameters.put("follow", follow ? "true" : "");
    parameters.put("previous", previous ? "true" : "");
    parameters.put("tailBytes", tail == null ? "" : tail.toString());
    parameters.put("raw", raw ? "true" : "");
    String path = Paths.query(Paths.subresource(vm.target(), "log"), parameters);
    try (HttpAnswer answer =
        context.api().open(path, "*/*", follow ? Transport.ENDLESS : Transport.ANSWER)) {
      copy(answer.body());
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILED, "reading the log: " + e.getMessage());
    }
  }

  private void copy(InputStream in) throws IOException {
    var buffer = new byte[16 * 1024];
    for (int n = in.read(buffer); n >= 0 && !context.out().checkError(); n = in.read(buffer)) {
      context.out().write(buffer, 0, n);
      context.out().flush();
    }
  }
}
