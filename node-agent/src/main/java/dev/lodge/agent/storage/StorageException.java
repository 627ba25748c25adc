package dev.lodge.agent.storage;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Carries a {@link Preparation.Failed} out of the preparation of one disk or file. */
final class StorageException extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient Preparation.Failed failure;

  StorageException(Reason reason, String field, String message) {
    this(new Preparation.Failed(reason, field, message, null));
  }

  StorageException(Preparation.Failed failure) {
    super(failure.text());
    this.failure = failure;
  }

  Preparation.Failed failure() {
    return failure;
  }

  /** An error of the kernel's, in words. */
  static StorageException of(String field, IOException e) {
    String message =
        e instanceof FileSystemException f
            ? f.getFile()
                + ": "
                + Objects.requireNonNullElse(f.getReason(), f.getClass().getSimpleName())
            : String.valueOf(e.getMessage());
    boolean full = message.contains("No space left") || message.contains("quota exceeded");
    return new StorageException(
        Reason.DiskFailed, field, full ? message + "; free some space there" : message);
  }

  /** Nothing to wait for but a later try. */
  static StorageException lost(String field, @Nullable String what) {
    return new StorageException(
        Reason.DiskFailed, field, what + " is gone; put it back, or delete the VM to begin anew");
  }
}
