package dev.lodge.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.cli.ExitCode;
import dev.lodge.cli.Failure;
import dev.lodge.cli.client.Api;
import dev.lodge.cli.client.Json;
import dev.lodge.cli.client.Target;
import dev.lodge.cli.image.ImageAlias;
import dev.lodge.cli.image.PublishedChecksum;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The image of {@code lodge run}: one that is there, or one to make of a URL or a path.
 *
 * @param name of the VmImage
 * @param disc whether it is an ISO, so that the guest gets it as a CD-ROM
 * @param objects to apply first; empty if the image is there
 */
record ImageSource(String name, boolean disc, List<ObjectNode> objects) {

  /**
   * Finds out what the user means: a URL, a path (a file named like an image is said with {@code
   * ./}), a VmImage, or a short name of {@link ImageAlias}.
   */
  static ImageSource of(
      Api api, String image, String namespace, @Nullable String checksum, boolean noChecksum) {
    if (isUrl(image)) {
      return ofUrl(image, namespace, checksum, noChecksum).unlessTaken(api, namespace);
    }
    if (checksum != null || noChecksum) {
      throw new Failure(ExitCode.USAGE, "a checksum is for a URL");
    }
    if (image.contains("/")) {
      return ofPath(image, namespace).unlessTaken(api, namespace);
    }
    Optional<JsonNode> present = api.find(Target.of(ResourceKind.VmImage, namespace, image).path());
    if (present.isPresent()) {
      String format =
          present
              .get()
              .path("spec")
              .path("format")
              .asText(present.get().path("status").path("format").asText());
      return new ImageSource(image, format.equals("ISO"), List.of());
    }
    return ImageAlias.find(image)
        .map(alias -> ofAlias(alias, namespace))
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.NOT_FOUND,
                    "there is no VmImage '"
                        + image
                        + "' in namespace "
                        + namespace
                        + ". Give the name of one ('lodge image list'), one of "
                        + ImageAlias.names()
                        + ", a URL with --checksum, or a path with a slash in it (./"
                        + image
                        + ")."));
  }

  private static boolean isUrl(String text) {
    return text.startsWith("http://") || text.startsWith("https://");
  }

  /** Under another name if there is an image of this name that comes from elsewhere. */
  private ImageSource unlessTaken(Api api, String namespace) {
    ObjectNode image = objects.getLast();
    Optional<JsonNode> present = api.find(Target.of(ResourceKind.VmImage, namespace, name).path());
    if (present.isEmpty() || present.get().path("spec").equals(image.path("spec"))) {
      return this;
    }
    String other = name + "-" + hash(image.path("spec").toString());
    image.withObjectProperty("metadata").put("name", other);
    return new ImageSource(other, disc, objects);
  }

  private static String hash(String text) {
    var crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return String.format("%08x", crc.getValue());
  }

  private static ImageSource ofUrl(
      String url, String namespace, @Nullable String checksum, boolean noChecksum) {
    if (checksum == null && !noChecksum) {
      throw new Failure(
          ExitCode.USAGE,
          "a URL needs --checksum: sha256:<64 hex digits> or sha512:<128 hex digits>, or the https"
              + " address of the file (SHA256SUMS or so) in which the site that offers the image"
              + " publishes them; --insecure-no-checksum goes without");
    }
    if (checksum != null && noChecksum) {
      throw new Failure(ExitCode.USAGE, "give either --checksum or --insecure-no-checksum");
    }
    String path = url.replaceFirst("[?#].*", "");
    String name = slug(path.substring(path.lastIndexOf('/') + 1));
    ObjectNode image = fetched(namespace, name, url, checksum == null ? null : sum(checksum, url));
    return new ImageSource(name, isDisc(path), List.of(image));
  }

  private static ImageSource ofAlias(ImageAlias alias, String namespace) {
    String checksum = PublishedChecksum.of(alias.checksums(), alias.url());
    ObjectNode image = fetched(namespace, alias.name(), alias.url().toString(), checksum);
    return new ImageSource(alias.name(), false, List.of(image));
  }

  private static ObjectNode fetched(
      String namespace, String name, String url, @Nullable String checksum) {
    ObjectNode image = object(ResourceKind.VmImage, namespace, name);
    ObjectNode spec = image.putObject("spec");
    spec.putObject("source").putObject("http").put("url", url);
    if (checksum != null) {
      spec.put("checksum", checksum);
    } else {
      spec.put("verification", "None");
    }
    return image;
  }

  /** Said, or to be read where the publisher gives it. */
  private static String sum(String checksum, String url) {
    String lower = checksum.toLowerCase(Locale.ROOT);
    if (lower.matches("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")) {
      return lower;
    }
    if (!isUrl(checksum)) {
      throw new Failure(
          ExitCode.USAGE,
          "--checksum: '"
              + checksum
              + "' is neither sha256:<64 hex digits> nor sha512:<128 hex digits> nor the https"
              + " address of a file with them");
    }
    try {
      return PublishedChecksum.of(new URI(checksum), new URI(url));
    } catch (URISyntaxException e) {
      throw new Failure(ExitCode.USAGE, e.getInput() + " is no address: " + e.getReason());
    }
  }

  private static ImageSource ofPath(String given, String namespace) {
    Path path;
    try {
      path = Path.of(given).toRealPath();
    } catch (IOException e) {
      throw new Failure(ExitCode.NOT_FOUND, given + ": there is no such file");
    }
    if (!Files.isRegularFile(path)) {
      throw new Failure(ExitCode.REFUSED, given + " is no file");
    }
    String name = slug(path.getFileName().toString());
    String resourceName = name + "-" + hash(path.toString());
    ObjectNode resource = object(ResourceKind.HostResource, "", resourceName);
    resource
        .putObject("spec")
        .put("type", "File")
        .put("path", path.toString())
        .put("access", "ReadOnly");
    ObjectNode image = object(ResourceKind.VmImage, namespace, name);
    image
        .putObject("spec")
        .putObject("source")
        .putObject("hostResourceRef")
        .put("name", resourceName);
    return new ImageSource(name, isDisc(given), List.of(resource, image));
  }

  /** An object with nothing but its name. */
  static ObjectNode object(ResourceKind kind, String namespace, String name) {
    ObjectNode out = Json.object();
    out.put("apiVersion", ResourceKind.API_VERSION).put("kind", kind.name());
    ObjectNode metadata = out.putObject("metadata").put("name", name);
    if (kind.namespaced()) {
      metadata.put("namespace", namespace);
    }
    return out;
  }

  private static boolean isDisc(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(".iso");
  }

  /** A name of the API made of a file's name. */
  private static String slug(String file) {
    String base = file.replaceFirst("(?i)\\.(qcow2|img|raw|iso)$", "").toLowerCase(Locale.ROOT);
    String name = base.replaceAll("[^a-z0-9]+", "-").replaceAll("^-+", "");
    name = name.substring(0, Math.min(name.length(), 50)).replaceAll("-+$", "");
    if (name.isEmpty()) {
      throw new Failure(ExitCode.USAGE, "'" + file + "' gives no name; make a VmImage of it");
    }
    return name;
  }
}
