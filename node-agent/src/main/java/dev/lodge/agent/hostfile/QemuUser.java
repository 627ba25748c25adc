package dev.lodge.agent.hostfile;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Optional;

/**
 * The user that the system's QEMU runs as.
 *
 * @param user empty: QEMU runs as we do
 */
public record QemuUser(Optional<UserPrincipal> user) {
  /** Debian's name, then that of Fedora, SUSE and Arch. */
  private static final List<String> NAMES = List.of("libvirt-qemu", "qemu");

  /** Looks the user up; as any other user than root, it is oneself. */
  public static QemuUser detect() {
    if (!BindMounts.possible()) {
      return new QemuUser(Optional.empty());
    }
    for (String name : NAMES) {
      try {
        return new QemuUser(
            Optional.of(
                FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(name)));
      } catch (IOException e) {
        continue;
      }
    }
    return new QemuUser(Optional.empty());
  }

  /** Its own group, where there is one of its name. */
  public Optional<String> group() {
    return user.map(UserPrincipal::getName)
        .filter(
            name -> {
              try {
                FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(name);
                return true;
              } catch (IOException e) {
                return false;
              }
            });
  }

  /** Makes a file that user's. */
  public void give(Path file) throws IOException {
    if (user.isPresent()) {
      Files.setOwner(file, user.get());
    }
  }

  /** The first directory on the way that this user may not enter, as far as its mode says. */
  public Optional<Path> barrier(Path directory) {
    if (user.isEmpty()) {
      return Optional.empty();
    }
    Path way = Path.of("/");
    for (Path part : directory) {
      way = way.resolve(part);
      try {
        if (!Files.getPosixFilePermissions(way).contains(PosixFilePermission.OTHERS_EXECUTE)
            && !Files.getOwner(way).equals(user.get())) {
          return Optional.of(way);
        }
      } catch (IOException e) {
        return Optional.of(way);
      }
    }
    return Optional.empty();
  }
}
