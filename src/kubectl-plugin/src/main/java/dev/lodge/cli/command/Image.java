package dev.lodge.cli.command;

import dev.lodge.cli.Context;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lodge image ...}. */
@Command(name = "image", description = "What is known of images.", sortOptions = false)
public final class Image implements Runnable {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  public Image(Context context) {
    this.context = context;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to show: list.");
  }

  /** {@code lodge image list}: the same as {@code lodge get vmimg}. */
  @Command(name = "list", description = "The images, and how far they are.", sortOptions = false)
  void list(
      @Mixin Namespaced namespaced,
      @Option(
              names = {"-A", "--all-namespaces"},
              description = "Images of all namespaces.")
          boolean everywhere,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FORMAT",
              defaultValue = "table",
              description = "table, wide, json, yaml or name.")
          OutputFormat output) {
    Get.images(context, namespaced, everywhere, output).run();
  }
}
