package dev.lodge.cli;

import dev.lodge.cli.client.Api;
import dev.lodge.cli.http.Transport;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a command works with: its streams, its environment and the API. Tests give their own.
 *
 * <p>Which streams are terminals the launcher says by the property {@code lodge.tty} (digits of the
 * descriptors that are): to ask the terminal from Java would cost a process.
 */
public final class Context {
  /** Where an agent listens unless told otherwise. */
  public static final String DEFAULT_SOCKET = "/run/lodge/agent.sock";

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final Map<String, String> environment;
  private final String terminals;
  private @Nullable String socket;
  private @Nullable Api api;

  /**
   * @param terminals the digits of the standard descriptors that are terminals, e.g. {@code 012}
   */
  public Context(
      InputStream in,
      PrintStream out,
      PrintStream err,
      Map<String, String> environment,
      String terminals) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.environment = environment;
    this.terminals = terminals;
  }

  /** Standard input. */
  public InputStream in() {
    return in;
  }

  /** Standard output: results. */
  public PrintStream out() {
    return out;
  }

  /** Standard error: everything that is no result. */
  public PrintStream err() {
    return err;
  }

  /** A variable of the environment; empty if it is not set. */
  public String variable(String name) {
    return environment.getOrDefault(name, "");
  }

  /** Whether standard input is a terminal. */
  public boolean inputIsTerminal() {
    return terminals.contains("0");
  }

  /** Whether standard error is a terminal. */
  public boolean errorIsTerminal() {
    return terminals.contains("2");
  }

  void socket(String path) {
    socket = path;
  }

  /** The API of the agent that {@code --socket} or LODGE_SOCKET names. */
  public Api api() {
    if (api == null) {
      api = new Api(new Transport(socketPath(), ""));
    }
    return api;
  }

  /**
   * Whether the API is a cluster's, by the {@code kubectl proxy} of the launcher {@code
   * kubectl-lodge}.
   */
  public boolean cluster() {
    return !variable("LODGE_CLUSTER").isEmpty();
  }

  private Path socketPath() {
    String named = socket != null ? socket : variable("LODGE_SOCKET");
    try {
      return Path.of(named.isEmpty() ? DEFAULT_SOCKET : named);
    } catch (InvalidPathException e) {
      throw new Failure(ExitCode.USAGE, "--socket: " + e.getMessage());
    }
  }
}
