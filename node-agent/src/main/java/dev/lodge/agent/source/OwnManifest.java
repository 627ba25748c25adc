package dev.lodge.agent.source;

import dev.lodge.agent.store.ObjectKey;
import dev.lodge.manifest.LodgeJson;
import dev.lodge.manifest.ManifestReader;
import dev.lodge.manifest.ReadResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * The files that Lodge writes itself: one object each, a name that says which, and a first line by
 * which they are known, so that it needs no memory of what was written.
 */
final class OwnManifest {
  private static final String MARK = "# Written by Lodge";
  private static final String HEADER =
      MARK
          + ", which may write it again: `lodge edit` and `lodge apply` change it, `lodge delete`"
          + " removes it.\n"
          + "# To keep it by hand, rename the file or remove these lines; then Lodge only reads it.\n";

  private OwnManifest() {}

  /**
   * The names that the file of an object may have, the wanted one first. The second one is for the
   * case that {@code a-b} and {@code c} make the same first name as {@code a} and {@code b-c}.
   */
  static List<String> names(ObjectKey key) {
    String kind = key.kind().singular().toLowerCase(Locale.ROOT);
    String plain =
        kind + "-" + (key.namespace().isEmpty() ? "" : key.namespace() + "-") + key.name();
    CRC32C crc = new CRC32C();
    crc.update((key.namespace() + "/" + key.name()).getBytes(StandardCharsets.UTF_8));
    return List.of(
        plain + ".yaml", plain + "-" + HexFormat.of().toHexDigits((int) crc.getValue()) + ".yaml");
  }

  /** The bytes of the file; they are read back and compared, so what they say is what was meant. */
  static byte[] bytes(Wish wish) {
    byte[] yaml = text(YamlText.of(wish.manifest()));
    if (saysTheSame(yaml, wish)) {
      return yaml;
    }
    byte[] json = text(LodgeJson.tree(wish.manifest()).toPrettyString() + "\n");
    if (saysTheSame(json, wish)) {
      return json;
    }
    throw new IllegalArgumentException(wish.key() + " is no manifest that can be read again");
  }

  /** Whether a file that was read is one of these. */
  static boolean is(String file, byte[] bytes, List<Wish> wishes) {
    byte[] mark = MARK.getBytes(StandardCharsets.US_ASCII);
    return wishes.size() == 1
        && bytes.length >= mark.length
        && Arrays.equals(bytes, 0, mark.length, mark, 0, mark.length)
        && names(wishes.getFirst().key()).contains(file);
  }

  private static byte[] text(String document) {
    return (HEADER + document).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean saysTheSame(byte[] bytes, Wish wish) {
    ReadResult read = new ManifestReader().read(bytes, "");
    return read.ok()
        && read.manifests().size() == 1
        && Wish.of(read.manifests().getFirst().tree()).equals(wish);
  }
}
