package dev.lodge.domain.image;

import java.io.IOException;

/** A file to look into: the very one that QEMU will open. */
public interface ImageBytes {

  /** Length in bytes. */
  long size() throws IOException;

  /** Reads until {@code target} is full or the file ends; returns the bytes read, 0 at the end. */
  int read(long offset, byte[] target) throws IOException;

  /** An image in memory. */
  static ImageBytes of(byte[] content) {
    return new ImageBytes() {
      @Override
      public long size() {
        return content.length;
      }

      @Override
      public int read(long offset, byte[] target) {
        if (offset < 0 || offset >= content.length) {
          return 0;
        }
        int n = (int) Math.min(target.length, content.length - offset);
        System.arraycopy(content, (int) offset, target, 0, n);
        return n;
      }
    };
  }
}
