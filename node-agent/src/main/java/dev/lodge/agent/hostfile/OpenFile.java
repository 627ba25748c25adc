package dev.lodge.agent.hostfile;

import com.sun.jna.LastErrorException;
import dev.lodge.domain.image.ImageBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file held by an O_PATH descriptor: renaming or replacing its name changes nothing. */
public final class OpenFile implements AutoCloseable {
  private final int fd;
  private final FileFacts facts;

  OpenFile(int fd) throws IOException {
    this.fd = fd;
    try {
      this.facts = FileFacts.of(procPath(fd));
    } catch (IOException e) {
      LibC.C.close(fd);
      throw e;
    }
  }

  private static Path procPath(int fd) {
    return Path.of("/proc/self/fd/" + fd);
  }

  int descriptor() {
    return fd;
  }

  /** A path of this process that leads to this very file. */
  public Path path() {
    return procPath(fd);
  }

  /** As they were when the file was opened. */
  public FileFacts facts() {
    return facts;
  }

  /** The name under which the kernel knows it now, for those who may not mount. */
  public Path realPath() throws IOException {
    return Files.readSymbolicLink(path());
  }

  /** Its content. */
  public FileChannel read() throws IOException {
    return FileChannel.open(path(), StandardOpenOption.READ);
  }

  /** Reads from a channel, for the inspector. */
  public static ImageBytes bytes(FileChannel channel, long size) {
    return new ImageBytes() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public int read(long offset, byte[] target) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(target);
        while (buffer.hasRemaining()) {
          if (channel.read(buffer, offset + buffer.position()) < 0) {
            break;
          }
        }
        return buffer.position();
      }
    };
  }

  @Override
  public void close() {
    try {
      LibC.C.close(fd);
    } catch (LastErrorException e) {
      throw new IllegalStateException("closing a descriptor of ours", e);
    }
  }
}
