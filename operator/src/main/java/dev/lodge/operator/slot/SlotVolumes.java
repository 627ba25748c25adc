package dev.lodge.operator.slot;

import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeDevice;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;

/** A slot's volumes in the words of a pod. */
record SlotVolumes(List<Volume> volumes, List<VolumeMount> mounts, List<VolumeDevice> devices) {

  static SlotVolumes of(List<SlotVolume> wanted) {
    var all = new SlotVolumes(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < wanted.size(); i++) {
      all.add("volume-" + i, wanted.get(i));
    }
    return all;
  }

  private void add(String name, SlotVolume wanted) {
    var volume = new VolumeBuilder().withName(name);
    switch (wanted) {
      case SlotVolume.Claim c -> {
        volumes.add(
            volume
                .withNewPersistentVolumeClaim()
                .withClaimName(c.claim())
                .withReadOnly(c.readOnly() ? true : null)
                .endPersistentVolumeClaim()
                .build());
        String path = SlotVolume.VOLUMES + c.disk();
        if (c.block()) {
          devices.add(new VolumeDevice(path, name));
        } else {
          mount(name, path, c.readOnly());
        }
      }
      case SlotVolume.Image i -> {
        volumes.add(volume.withNewImage().withReference(i.reference()).endImage().build());
        mount(name, i.path(), true);
      }
      case SlotVolume.CloudInitSecret s -> {
        volumes.add(volume.withNewSecret().withSecretName(s.name()).endSecret().build());
        mount(name, SlotVolume.CLOUD_INIT, true);
      }
      case SlotVolume.CloudInitConfigMap c -> {
        volumes.add(volume.withNewConfigMap().withName(c.name()).endConfigMap().build());
        mount(name, SlotVolume.CLOUD_INIT, true);
      }
    }
  }

  private void mount(String name, String path, boolean readOnly) {
    mounts.add(
        new VolumeMountBuilder()
            .withName(name)
            .withMountPath(path)
            .withReadOnly(readOnly ? true : null)
            .build());
  }
}
