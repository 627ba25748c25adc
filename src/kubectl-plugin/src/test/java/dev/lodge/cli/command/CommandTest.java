package dev.lodge.cli.command;

import dev.lodge.cli.FakeAgent;
import dev.lodge.cli.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of commands share: a scripted agent and a shell that points to it. */
abstract class CommandTest {
  @TempDir Path directory;
  FakeAgent agent;
  Shell shell;

  @BeforeEach
  void startAgent() throws IOException {
    agent = new FakeAgent(directory);
    shell = new Shell(agent.socket());
  }

  @AfterEach
  void stopAgent() throws IOException {
    agent.close();
  }

  Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }
}
