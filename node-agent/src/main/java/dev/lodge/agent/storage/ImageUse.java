package dev.lodge.agent.storage;

import dev.lodge.agent.hostfile.References;
import dev.lodge.agent.hostfile.References.Target;
import dev.lodge.agent.image.ImageState;
import dev.lodge.agent.image.ImageStore;
import dev.lodge.agent.store.StoredObject;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachineConditions.Reason;
import dev.lodge.api.v1alpha1.vmimage.VmImageSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The images that one VM needs; what is absent is sent for, all at once. */
final class ImageUse {
  private final String namespace;
  private final References references;
  private final ImageStore images;
  private final List<String> awaited = new ArrayList<>();
  private final List<String> messages = new ArrayList<>();
  private final Brought brought;

  /** Something is awaited that is no image. */
  private boolean volumes;

  ImageUse(String namespace, References references, ImageStore images, Brought brought) {
    this.namespace = namespace;
    this.references = references;
    this.images = images;
    this.brought = brought;
  }

  /**
   * Opens what the kubelet has brought, or null if it has to be waited for.
   *
   * @param field for messages
   */
  Brought.Result.@Nullable Opened brought(String field, Brought.What what) throws StorageException {
    return switch (brought.open(what)) {
      case Brought.Result.Opened o -> o;
      case Brought.Result.Waiting w -> {
        volumes = true;
        await(null, w.message());
        yield null;
      }
      case Brought.Result.Refused r -> throw new StorageException(r.reason(), field, r.message());
    };
  }

  /**
   * The image, or null if it has to be waited for.
   *
   * @param carried where a registry's image has it
   */
  ImageState.@Nullable Present present(String field, ObjectRef ref, Brought.What carried)
      throws StorageException {
    StoredObject image =
        switch (references.image(namespace, ref)) {
          case Target.Found<VmImageSpec> f -> f.object();
          case Target.Refused<VmImageSpec> r ->
              throw new StorageException(r.reason(), field + ".imageRef", r.message());
        };
    String what = "VmImage " + image.namespace() + "/" + image.name();
    return switch (images.state(image)) {
      case ImageState.Present p -> p;
      case ImageState.Failed f ->
          throw new StorageException(
              new Preparation.Failed(
                  Reason.ImageFailed,
                  field + ".imageRef",
                  what + ": " + f.failure().message(),
                  image.uid()));
      case ImageState.Absent _ -> {
        VmImageSpec.Source source = References.imageSpec(image).source();
        if (source.registry() != null) {
          Brought.Result.Opened from = brought(field + ".imageRef", carried);
          if (from == null) {
            yield null;
          }
          images.ensure(image, from.file()).whenComplete((_, _) -> {});
        } else if (source.http() != null && inCluster()) {
          throw new StorageException(
              Reason.NotHere,
              field + ".imageRef",
              what
                  + " is fetched by http, which a cluster cannot do yet; put the disk into an OCI"
                  + " image (source.registry), or the file on the nodes (source.hostResourceRef)");
        } else {
          images.ensure(image).whenComplete((_, _) -> {});
        }
        await(image.uid(), what + " is being imported");
        yield null;
      }
      case ImageState.Importing i -> {
        await(
            image.uid(),
            what + " is being imported" + (i.total() > 0 ? " (" + i.percent() + " %)" : ""));
        yield null;
      }
    };
  }

  private boolean inCluster() {
    return brought != Brought.NOTHING;
  }

  /** Something else to wait for. */
  void await(@Nullable String image, String message) {
    if (image != null && !awaited.contains(image)) {
      awaited.add(image);
    }
    if (!messages.contains(message)) {
      messages.add(message);
    }
  }

  /** Null if there is nothing to wait for. */
  Preparation.@Nullable Waiting waiting() {
    return messages.isEmpty()
        ? null
        : new Preparation.Waiting(List.copyOf(awaited), String.join("; ", messages), volumes);
  }

  /** What {@code origin} of a {@link DiskRecord} says. */
  String origin(ObjectRef ref) {
    return "image " + (ref.namespace() == null ? namespace : ref.namespace()) + "/" + ref.name();
  }
}
