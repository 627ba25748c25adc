package dev.lodge.agent.image;

import dev.lodge.agent.hostfile.FileCopy;
import dev.lodge.agent.hostfile.FileFacts;
import dev.lodge.agent.hostfile.HostFiles;
import dev.lodge.agent.hostfile.OpenFile;
import dev.lodge.agent.hostfile.OpenResult;
import dev.lodge.agent.hostfile.References;
import dev.lodge.agent.hostfile.References.Target;
import dev.lodge.agent.store.DurableFiles;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.common.HostResourceRef;
import dev.lodge.api.v1alpha1.hostresource.HostResourceSpec;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import dev.lodge.domain.image.Inspection;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Brings one image into the store: fetch or copy, checksum, header, read-only, and only then the
 * name under which it is found. Runs on a thread of its own; interrupting it cancels.
 */
final class ImageImport {
  private final StoreLayout layout;
  private final References references;
  private final ImageLimits limits;
  private final HttpFetch.Progress progress;

  ImageImport(
      StoreLayout layout, References references, ImageLimits limits, HttpFetch.Progress progress) {
    this.layout = layout;
    this.references = references;
    this.limits = limits;
    this.progress = progress;
  }

  /** Never throws for what the world can do; what is left over is fit to go on from, or gone. */
  ImageState run(StoredObject image, VmImageSpec spec, @Nullable OpenFile from) {
    var partial = new PartialFile(layout.partial(image.uid()));
    try {
      return bring(image, spec, partial, from);
    } catch (ImportException e) {
      return failed(e.failure(), partial);
    } catch (InterruptedIOException | ClosedByInterruptException | CancellationException e) {
      return failed(new ImageFailure.Cancelled(), partial);
    } catch (IOException e) {
      return failed(
          Space.isFull(e)
              ? new ImageFailure.DiskFull(layout.root().toString(), limits.reserve(), free())
              : new ImageFailure.StoreBroken(layout.root() + ": " + e),
          partial);
    }
  }

  private ImageState bring(
      StoredObject image, VmImageSpec spec, PartialFile partial, @Nullable OpenFile from)
      throws ImportException, IOException {
    Trees.make(partial.directory(), Trees.PRIVATE);
    if (spec.source().http() != null) {
      new HttpFetch(limits, new Space(layout.root(), limits.reserve()), progress)
          .fetch(spec.source().http().url(), partial, spec.checksum() != null);
    } else if (spec.source().hostResourceRef() != null) {
      copy(image.namespace(), spec.source().hostResourceRef(), partial);
    } else if (from != null) {
      copy(from, partial);
    } else {
      throw new IllegalStateException("a VmImage without a source passed validation");
    }
    String digest = Digests.of(Digests.Algorithm.SHA256, partial.data());
    if (spec.checksum() != null) {
      verify(spec.checksum(), digest, partial);
    }
    if (StoreLayout.inspect(partial.data(), spec.format(), limits.maxVirtualSize())
        instanceof Inspection.Refused r) {
      throw new ImportException(new ImageFailure.Refused("the image is refused: " + r.message()));
    }
    publish(image.uid(), digest, partial);
    return layout.look(image.uid(), spec, limits.maxVirtualSize());
  }

  private static void verify(String checksum, String sha256, PartialFile partial)
      throws ImportException, IOException {
    var algorithm = Digests.Algorithm.of(checksum);
    String got =
        algorithm == Digests.Algorithm.SHA256 ? sha256 : Digests.of(algorithm, partial.data());
    if (!checksum.equals(got)) {
      throw new ImportException(new ImageFailure.ChecksumMismatch(checksum, got));
    }
  }

  private void copy(String namespace, HostResourceRef ref, PartialFile partial)
      throws ImportException, IOException {
    HostResourceSpec resource =
        switch (references.hostResource(namespace, ref)) {
          case Target.Found<HostResourceSpec> f -> f.spec();
          case Target.Refused<HostResourceSpec> r ->
              throw new ImportException(
                  new ImageFailure.HostFileRefused(
                      r.reason(), "spec.source.hostResourceRef: " + r.message()));
        };
    switch (HostFiles.open(ref.name(), resource, ref.path())) {
      case OpenResult.Refused r ->
          throw new ImportException(
              new ImageFailure.HostFileRefused(
                  r.reason(), "spec.source.hostResourceRef: " + r.message()));
      case OpenResult.Opened opened -> {
        try (OpenFile file = opened.file()) {
          copy(file, partial);
        }
      }
    }
  }

  private void copy(OpenFile file, PartialFile partial) throws ImportException, IOException {
    FileFacts before = file.facts();
    // Shared blocks and holes may need less, but nobody knows beforehand.
    new Space(layout.root(), limits.reserve()).require(before.size());
    FileCopy.copy(
        file.path(),
        partial.data(),
        at -> {
          if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException();
          }
          progress.at(at, before.size());
        });
    if (!FileFacts.of(file.path()).stamp().equals(before.stamp())) {
      throw new ImportException(
          new ImageFailure.HostFileRefused(
              Reason.ImageFailed,
              "the file was written to while it was copied; try again when its writer is done"));
    }
  }

  private void publish(String uid, String digest, PartialFile partial) throws IOException {
    Files.setPosixFilePermissions(partial.data(), PosixFilePermissions.fromString("r--r--r--"));
    try (FileChannel data = FileChannel.open(partial.data(), StandardOpenOption.READ)) {
      data.force(true);
    }
    Path target = Trees.make(layout.image(uid, digest), Trees.ENTER);
    Files.move(partial.data(), target.resolve(StoreLayout.FILE), StandardCopyOption.ATOMIC_MOVE);
    DurableFiles.syncDirectory(target);
    DurableFiles.syncDirectory(layout.root());
    partial.delete();
  }

  private ImageState failed(ImageFailure failure, PartialFile partial) {
    boolean goOn =
        failure instanceof ImageFailure.Interrupted
            || failure instanceof ImageFailure.Unreachable
            || failure instanceof ImageFailure.Cancelled;
    if (!goOn) {
      // The interrupt of a cancelled import would end the deleting too.
      boolean interrupted = Thread.interrupted();
      try {
        partial.delete();
      } catch (IOException e) {
        return new ImageState.Failed(
            new ImageFailure.StoreBroken(failure.message() + "; and then: " + e));
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
    return new ImageState.Failed(failure);
  }

  private long free() {
    try {
      return new Space(layout.root(), 0).free();
    } catch (IOException e) {
      return 0;
    }
  }
}
