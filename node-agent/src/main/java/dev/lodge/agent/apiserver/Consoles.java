package dev.lodge.agent.apiserver;

import dev.lodge.agent.store.ObjectKey;
import dev.lodge.domain.hypervisor.ConsoleInput;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** PORT: the text consoles of VMs. */
@FunctionalInterface
public interface Consoles {

  /**
   * A console of a VM.
   *
   * @param device {@code serial}, {@code virtio}; null: the first that the VM has
   * @throws ApiException NotFound (no such VM), BadRequest (it has no such console; the message
   *     names those it has)
   */
  Console of(ObjectKey vm, @Nullable String device);

  /** One console. */
  interface Console {
    /**
     * Where virtlogd writes the output of the guest that was started last; it may not be there
     * before the first start.
     */
    Path log();

    /** What the guest said that ran before that one; not there if there was none. */
    Path previousLog();

    /**
     * Opens the keyboard; may block. A session that has it loses it.
     *
     * @throws ApiException Conflict: the guest does not run
     */
    ConsoleInput open();
  }
}
