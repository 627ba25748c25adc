package dev.lodge.agent.libvirt;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.ptr.IntByReference;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The unix socket behind a connection. libvirt has no call that ends another thread's call when the
 * daemon does not answer; shutting the socket down does, at once and for all calls on it.
 *
 * @param fd its descriptor when it was found
 * @param link what {@code /proc/self/fd} says of it: a descriptor is given to another socket after
 *     a close, this is not
 */
record DaemonSocket(int fd, String link) {
  private static final Path FDS = Path.of("/proc/self/fd");
  private static final int SOCKADDR_UN = 110;
  private static final int AF_UNIX = 1;
  private static final int SHUT_RDWR = 2;

  interface LibC extends Library {
    LibC C = Native.load("c", LibC.class);

    int getpeername(int fd, Memory address, IntByReference length);

    int shutdown(int fd, int how);
  }

  /** All sockets of this process whose other end is a libvirt daemon. */
  static Set<DaemonSocket> all() {
    Set<DaemonSocket> found = new LinkedHashSet<>();
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(FDS);
        Memory address = new Memory(SOCKADDR_UN + 1)) {
      for (Path p : fds) {
        int fd = Integer.parseInt(p.getFileName().toString());
        String link = link(fd);
        if (link.startsWith("socket:") && isDaemon(peer(fd, address))) {
          found.add(new DaemonSocket(fd, link));
        }
      }
    } catch (IOException e) {
      // No /proc: connections then end by libvirt's own keepalive only.
      return Set.of();
    }
    return found;
  }

  /** Ends every call that waits for an answer on this socket. */
  void shutDown() {
    if (link(fd).equals(link)) {
      LibC.C.shutdown(fd, SHUT_RDWR);
    }
  }

  /** libvirt-sock, virtqemud-sock and their like, wherever they lie. */
  private static boolean isDaemon(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    return file.endsWith("-sock") && (file.startsWith("libvirt") || file.startsWith("virt"));
  }

  private static String link(int fd) {
    try {
      return Files.readSymbolicLink(FDS.resolve(String.valueOf(fd))).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static String peer(int fd, Memory address) {
    address.clear();
    IntByReference length = new IntByReference(SOCKADDR_UN);
    if (LibC.C.getpeername(fd, address, length) != 0 || address.getShort(0) != AF_UNIX) {
      return "";
    }
    return address.getString(2, "UTF-8");
  }
}
