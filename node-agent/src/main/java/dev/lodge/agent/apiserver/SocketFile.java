package dev.lodge.agent.apiserver;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Where the unix socket lies. It is bound in a private directory, given its mode, and renamed into
 * place: so it is never open to more than it should be, and a stale one is replaced at once.
 */
final class SocketFile {
  /** sun_path has 108 bytes, the last of them NUL. */
  private static final int MAX_PATH = 107;

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> GROUP =
      PosixFilePermissions.fromString("rw-rw----");

  private final Path target;
  private final Path nursery;
  private volatile boolean published;

  private SocketFile(Path target, Path nursery) {
    this.target = target;
    this.nursery = nursery;
  }

  /**
   * Makes the directory, 0755 if it is new, and the private one in it.
   *
   * @throws IOException it cannot be made; another agent serves there; the path is too long
   */
  static SocketFile prepare(Path socket) throws IOException {
    Path target = socket.toAbsolutePath().normalize();
    Path parent = target.getParent();
    if (parent == null) {
      throw new IOException("not a place for a socket: " + socket);
    }
    if (!Files.isDirectory(parent)) {
      Files.createDirectories(
          parent,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }
    if (somebodyListens(target)) {
      throw new IOException(
          "another agent serves " + target + "; stop it, or give this one another --socket");
    }
    Path nursery = Files.createTempDirectory(parent, ".s");
    SocketFile file = new SocketFile(target, nursery);
    for (Path p : new Path[] {target, file.birthplace()}) {
      if (p.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
        file.discard();
        throw new IOException(
            "the path of the socket is too long for Linux (%d bytes at most, with %d to spare): %s"
                .formatted(MAX_PATH, 24, target));
      }
    }
    return file;
  }

  private static boolean somebodyListens(Path target) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return probe.connect(UnixDomainSocketAddress.of(target));
    } catch (IOException e) {
      return false;
    }
  }

  /** Where to bind. */
  Path birthplace() {
    return nursery.resolve("s");
  }

  /** Opens the bound socket to its users, in place. */
  void publish(Optional<String> group) throws IOException {
    Path socket = birthplace();
    if (group.isPresent()) {
      GroupPrincipal principal =
          socket
              .getFileSystem()
              .getUserPrincipalLookupService()
              .lookupPrincipalByGroupName(group.get());
      Files.getFileAttributeView(socket, PosixFileAttributeView.class).setGroup(principal);
    }
    Files.setPosixFilePermissions(socket, group.isPresent() ? GROUP : OWNER);
    Files.move(socket, target, StandardCopyOption.ATOMIC_MOVE);
    published = true;
    Files.deleteIfExists(nursery);
  }

  /** Removes what is there of it. */
  void discard() throws IOException {
    Files.deleteIfExists(birthplace());
    Files.deleteIfExists(nursery);
  }

  /** Removes the socket if it was published: else what is there is not ours. */
  void remove() throws IOException {
    if (published) {
      Files.deleteIfExists(target);
    }
  }
}
