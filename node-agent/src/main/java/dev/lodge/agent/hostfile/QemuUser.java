package dev.lodge.agent.hostfile;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** Makes a file that user's. */
  public void give(Path file) throws IOException {
    if (user.isPresent()) {
      Files.setOwner(file, user.get());
    }
  }
}
