package dev.lodge.agent.image;

import dev.lodge.domain.image.ImageHeader;
import java.nio.file.Path;

/** An image on this host. */
public sealed interface ImageState {

  /** Not here; {@link ImageStore#ensure} fetches it. */
  record Absent() implements ImageState {}

  /**
   * On its way.
   *
   * @param total bytes; -1 if the server does not say
   */
  record Importing(long bytes, long total) implements ImageState {
    /** 0 to 100; 0 while the total is not known. */
    public int percent() {
      return total <= 0 ? 0 : (int) Math.min(100, bytes * 100 / total);
    }
  }

  /**
   * Here and checked.
   *
   * @param file read-only and never changed
   * @param size of the file in bytes
   * @param digest {@code sha256:} and 64 hex digits, of the file as it was fetched
   */
  record Present(Path file, ImageHeader header, long virtualSize, long size, String digest)
      implements ImageState {}

  /** Not here, and why. */
  record Failed(ImageFailure failure) implements ImageState {}
}
