package dev.lodge.operator.slot;

import org.jspecify.annotations.Nullable;

/** What the kubelet brings to the VM's node: a volume of the slot pod. */
public sealed interface SlotVolume {
  /**
   * Below this directory of the slot's container the agent finds a disk of a claim, by its name.
   */
  String VOLUMES = "/lodge/volumes/";

  /** Below this one the files of an OCI image, by the disk's name. */
  String IMAGES = "/lodge/images/";

  /** Below this one those of a firmware's or kernel's image: loader, kernel, initrd. */
  String FIRMWARE = "/lodge/firmware/";

  /** In this one cloud-init's user data. */
  String CLOUD_INIT = "/lodge/cloud-init";

  /**
   * A PersistentVolumeClaim.
   *
   * @param block a device; else a file system
   */
  record Claim(String disk, String claim, boolean block, boolean readOnly) implements SlotVolume {}

  /**
   * An OCI image that carries a disk.
   *
   * @param path where the agent finds it
   * @param pullSecret in the VM's namespace; null: none
   */
  record Image(String path, String reference, @Nullable String pullSecret) implements SlotVolume {}

  /** cloud-init data out of a Secret. */
  record CloudInitSecret(String name) implements SlotVolume {}

  /** cloud-init data out of a ConfigMap. */
  record CloudInitConfigMap(String name) implements SlotVolume {}
}
