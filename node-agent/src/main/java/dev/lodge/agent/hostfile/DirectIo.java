package dev.lodge.agent.hostfile;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Whether O_DIRECT works, which {@code cache: None} needs. Asked once a file system or device. */
public final class DirectIo {
  private static final int BLOCK = 4096;
  private final Map<String, Boolean> known = new ConcurrentHashMap<>();

  /** Tries it on this file, unless the answer for its file system is known. */
  public boolean works(Path file, FileId id) {
    String where = (id.block() ? "block " : "fs ") + id.deviceNumber();
    return known.computeIfAbsent(where, _ -> tryRead(file));
  }

  /** Some file systems accept the flag and then fail to read. */
  @SuppressWarnings("restricted")
  private static boolean tryRead(Path file) {
    try (FileChannel f =
        FileChannel.open(file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
      f.read(ByteBuffer.allocateDirect(2 * BLOCK).alignedSlice(BLOCK).limit(BLOCK), 0);
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
