package dev.lodge.cli.image;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * A short name for an image that its publisher rebuilds now and then. So it stands for no checksum,
 * but for the place where the publisher gives it: the checksum is read there and pinned.
 *
 * @param name what the user says; the VmImage gets the same
 * @param url of the image
 * @param checksums of the file of checksums that has the image's
 */
public record ImageAlias(String name, URI url, URI checksums) {
  /** Those that there are, in the order of the help. Images for cloud-init, x86_64. */
  public static final List<ImageAlias> ALL =
      List.of(
          debian(12, "bookworm"),
          debian(13, "trixie"),
          ubuntu("22.04", "jammy"),
          ubuntu("24.04", "noble"));

  private static ImageAlias debian(int release, String name) {
    return in(
        "debian-" + release,
        "https://cloud.debian.org/images/cloud/" + name + "/latest/",
        "debian-" + release + "-genericcloud-amd64.qcow2",
        "SHA512SUMS");
  }

  private static ImageAlias ubuntu(String release, String name) {
    return in(
        "ubuntu-" + release,
        "https://cloud-images.ubuntu.com/" + name + "/current/",
        name + "-server-cloudimg-amd64.img",
        "SHA256SUMS");
  }

  private static ImageAlias in(String name, String directory, String file, String checksums) {
    return new ImageAlias(name, URI.create(directory + file), URI.create(directory + checksums));
  }

  /** The alias of this name. */
  public static Optional<ImageAlias> find(String name) {
    return ALL.stream().filter(a -> a.name().equals(name)).findFirst();
  }

  /** All names, for people. */
  public static String names() {
    return String.join(", ", ALL.stream().map(ImageAlias::name).toList());
  }
}
