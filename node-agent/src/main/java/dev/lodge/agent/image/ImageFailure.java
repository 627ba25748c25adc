package dev.lodge.agent.image;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;

/** Why an image could not be had. */
public sealed interface ImageFailure {
  /** For people, with the mend. */
  String message();

  /** Whether trying again may help without a change of the manifest. */
  boolean retryable();

  /** The server or the host has no such file. */
  record NotFound(String message) implements ImageFailure {
    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** The server wants a login. */
  record Denied(String message) implements ImageFailure {
    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** The file of the host cannot or may not be used. */
  record HostFileRefused(Reason reason, String message) implements ImageFailure {
    @Override
    public boolean retryable() {
      // Somebody may apply the HostResource that was missing, or make the file.
      return true;
    }
  }

  /** What came is not what the manifest says; it was deleted. */
  record ChecksumMismatch(String expected, String got) implements ImageFailure {
    @Override
    public String message() {
      return "checksum: expected "
          + expected
          + " but the file has "
          + got
          + "; it was deleted. Correct spec.checksum, or find out who changed the file";
    }

    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** The disk of the image store is too full; what was begun is gone. */
  record DiskFull(String directory, long needed, long free) implements ImageFailure {
    @Override
    public String message() {
      return "the disk of "
          + directory
          + " is too full: "
          + Bytes.text(needed)
          + " needed, "
          + Bytes.text(free)
          + " free; free some space there";
    }

    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** The server cannot be reached or is in trouble. */
  record Unreachable(String message) implements ImageFailure {
    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** It broke off; the next try goes on where it ended. */
  record Interrupted(String message) implements ImageFailure {
    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** QEMU must not open it; it was deleted. */
  record Refused(String message) implements ImageFailure {
    @Override
    public boolean retryable() {
      return false;
    }
  }

  /** Somebody called {@link ImageStore#cancel}, or the agent ends. */
  record Cancelled() implements ImageFailure {
    @Override
    public String message() {
      return "the import was cancelled";
    }

    @Override
    public boolean retryable() {
      return true;
    }
  }

  /** The image store cannot be written. */
  record StoreBroken(String message) implements ImageFailure {
    @Override
    public boolean retryable() {
      return true;
    }
  }
}
