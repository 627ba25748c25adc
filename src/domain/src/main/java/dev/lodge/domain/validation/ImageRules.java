package dev.lodge.domain.validation;

import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import java.net.URI;
import java.net.URISyntaxException;

/** Rules for a VmImage by itself. */
final class ImageRules {
  private ImageRules() {}

  static void check(VmImageSpec spec, Findings out) {
    VmImageSpec.Source source = spec.source();
    out.errorIf(
        (source.http() == null ? 0 : 1)
                + (source.hostResourceRef() == null ? 0 : 1)
                + (source.registry() == null ? 0 : 1)
            != 1,
        "spec.source",
        "exactly one of http, registry and hostResourceRef");
    if (source.hostResourceRef() != null) {
      out.errorIf(
          Paths.climbs(source.hostResourceRef().path()),
          "spec.source.hostResourceRef.path",
          "must not contain '..'; write the path itself");
    }
    if (source.http() != null) {
      out.errorIf(
          spec.checksum() == null && spec.verification() != VmImageSpec.Verification.None,
          "spec.checksum",
          "an http source needs one (sha256:<64 hex digits> or sha512:<128 hex digits>);"
              + " set verification: None to go without");
      url(source.http().url(), out);
    }
  }

  private static void url(String url, Findings out) {
    String path = "spec.source.http.url";
    try {
      URI uri = new URI(url);
      out.errorIf(
          uri.getHost() == null,
          path,
          "names no host; write for example https://images.example/debian.qcow2");
      if (uri.getUserInfo() != null) {
        out.warn(path, "holds a password that everybody can read who can read the manifest");
      }
    } catch (URISyntaxException e) {
      out.error(
          path,
          "is no address (at character "
              + (e.getIndex() + 1)
              + "); write special characters as %20 and so on");
    }
  }
}
