package dev.lodge.agent.hostfile;

import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.LongConsumer;

/** Copies that share blocks where the file system can, and keep holes where it cannot. */
public final class FileCopy {
  private static final int CHUNK = 1 << 20;
  private static final int HOLE = 64 * 1024;
  private static final byte[] ZEROS = new byte[HOLE];

  private FileCopy() {}

  /**
   * Copies a regular file or block device. Of a file that grows meanwhile no more is copied than it
   * had at first: that is what its size and the room on the disk were checked for.
   *
   * @param source may be a path below /proc/self/fd
   * @param target made or replaced; the caller removes it after an exception
   * @param progress bytes so far; may throw to end the copy
   */
  public static void copy(Path source, Path target, LongConsumer progress) throws IOException {
    Files.deleteIfExists(target);
    FileFacts facts = FileFacts.of(source);
    Files.createFile(target);
    if (facts.sort() == FileFacts.Sort.REGULAR && shareBlocks(source, target)) {
      progress.accept(facts.size());
      return;
    }
    try (FileChannel in = FileChannel.open(source, StandardOpenOption.READ);
        FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE)) {
      ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.clamp(facts.size(), HOLE, CHUNK));
      byte[] block = new byte[HOLE];
      long end = facts.sort() == FileFacts.Sort.REGULAR ? facts.size() : Long.MAX_VALUE;
      for (long at = 0; fill(chunk, in, at, end); at += chunk.limit()) {
        chunk.flip();
        writeBlocks(chunk, block, out, at);
        progress.accept(at + chunk.limit());
      }
    }
    extend(target, facts.size());
  }

  private static boolean fill(ByteBuffer chunk, FileChannel in, long at, long end)
      throws IOException {
    chunk.clear().limit((int) Math.min(chunk.capacity(), end - at));
    return chunk.hasRemaining() && in.read(chunk, at) > 0;
  }

  private static void writeBlocks(ByteBuffer chunk, byte[] block, FileChannel out, long at)
      throws IOException {
    for (int from = 0; from < chunk.limit(); from += HOLE) {
      int length = Math.min(HOLE, chunk.limit() - from);
      chunk.get(from, block, 0, length);
      if (!Arrays.equals(block, 0, length, ZEROS, 0, length)) {
        ByteBuffer part = chunk.slice(from, length);
        while (part.hasRemaining()) {
          out.write(part, at + from + part.position());
        }
      }
    }
  }

  /** Makes a file this long at least; what is added is a hole. */
  public static void extend(Path file, long size) throws IOException {
    try (var f = new RandomAccessFile(file.toFile(), "rw")) {
      if (f.length() < size) {
        f.setLength(size);
      }
    }
  }

  /** True if the target now shares the source's blocks; false where that cannot be. */
  static boolean shareBlocks(Path source, Path target) {
    int in = -1;
    int out = -1;
    try {
      in = LibC.C.open(source.toString(), LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
      out = LibC.C.open(target.toString(), LibC.O_RDWR | LibC.O_CLOEXEC, 0);
      LibC.C.ioctl(out, new NativeLong(LibC.FICLONE), in);
      return true;
    } catch (LastErrorException e) {
      return false;
    } finally {
      close(in);
      close(out);
    }
  }

  private static void close(int fd) {
    if (fd >= 0) {
      LibC.C.close(fd);
    }
  }
}
