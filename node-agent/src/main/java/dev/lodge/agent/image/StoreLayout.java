package dev.lodge.agent.image;

import dev.lodge.agent.hostfile.OpenFile;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec.Format;
import dev.lodge.domain.image.ImageInspector;
import dev.lodge.domain.image.Inspection;
import dev.lodge.domain.image.InspectionPolicy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where images lie: {@code <root>/<uid>-<sha256>/image} once they are checked, {@code
 * <root>/<uid>.partial/} before. The names say all there is to know, so no index can go wrong.
 */
record StoreLayout(Path root) {
  static final String FILE = "image";
  private static final Pattern IMAGE = Pattern.compile("([0-9A-Za-z-]+)-([0-9a-f]{64})");
  private static final Pattern PARTIAL = Pattern.compile("([0-9A-Za-z-]+)\\.partial");

  /** A directory of the store. */
  record Entry(Path directory, String uid, @Nullable String digest) {}

  Path partial(String uid) {
    return root.resolve(checked(uid) + ".partial");
  }

  Path image(String uid, String digest) {
    return root.resolve(checked(uid) + "-" + digest.substring("sha256:".length()));
  }

  /** Everything that the store made; other things are left alone. */
  List<Entry> entries() throws IOException {
    List<Entry> found = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(root)) {
      for (Path child : children) {
        String name = child.getFileName().toString();
        Matcher image = IMAGE.matcher(name);
        Matcher partial = PARTIAL.matcher(name);
        if (image.matches()) {
          found.add(new Entry(child, image.group(1), "sha256:" + image.group(2)));
        } else if (partial.matches()) {
          found.add(new Entry(child, partial.group(1), null));
        }
      }
    }
    return found;
  }

  /** Looks at the disk: Present, Absent, or Failed if what is here does not fit the spec. */
  ImageState look(String uid, VmImageSpec spec, long maxVirtualSize) throws IOException {
    for (Entry entry : entries()) {
      Path file = entry.directory().resolve(FILE);
      if (entry.digest() == null || !entry.uid().equals(uid) || !Files.exists(file)) {
        continue;
      }
      // One by sha512 was compared when the image came in; under this UID it cannot change.
      if (spec.checksum() != null
          && Digests.Algorithm.of(spec.checksum()) == Digests.Algorithm.SHA256
          && !spec.checksum().equals(entry.digest())) {
        return new ImageState.Failed(
            new ImageFailure.ChecksumMismatch(spec.checksum(), entry.digest()));
      }
      return switch (inspect(file, spec.format(), maxVirtualSize)) {
        case Inspection.Accepted a ->
            new ImageState.Present(
                file, a.header(), a.virtualSize(), Files.size(file), entry.digest());
        case Inspection.Refused r ->
            new ImageState.Failed(new ImageFailure.Refused("the image is refused: " + r.message()));
      };
    }
    return new ImageState.Absent();
  }

  static Inspection inspect(Path file, @Nullable Format declared, long maxVirtualSize)
      throws IOException {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      return ImageInspector.inspect(
          OpenFile.bytes(in, in.size()),
          declared,
          new InspectionPolicy(maxVirtualSize, null, true));
    }
  }

  /** A UID becomes part of a path. */
  private static String checked(String uid) {
    if (!uid.matches("[0-9A-Za-z-]{1,64}")) {
      throw new IllegalArgumentException("no UID: " + uid);
    }
    return uid;
  }
}
