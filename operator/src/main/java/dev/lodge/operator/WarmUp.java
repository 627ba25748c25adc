package dev.lodge.operator;

import dev.lodge.api.v1alpha1.hostresource.HostResource;
import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.vmaddress.VmAddress;
import dev.lodge.api.v1alpha1.vmdiskclaim.VmDiskClaim;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.api.v1alpha1.vmimage.VmImage;
import dev.lodge.api.v1alpha1.vmnetwork.VmNetwork;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/**
 * Loads the classes of what will be read. They are many, and the first to read an object is the
 * event loop of the client: meanwhile it would answer nobody, and connections would time out.
 */
final class WarmUp {
  private static final List<Class<? extends KubernetesResource>> KINDS =
      List.of(
          VirtualMachine.class,
          VmNetwork.class,
          VmImage.class,
          HostResource.class,
          VmHost.class,
          VmAddress.class,
          VmDiskClaim.class);

  private WarmUp() {}

  static void run(KubernetesClient client) {
    KubernetesSerialization json = client.getKubernetesSerialization();
    // Unknown kinds are read as trees first, and made what they are in a second go.
    for (Class<? extends KubernetesResource> kind : KINDS) {
      json.registerKubernetesResource(kind);
    }
    String pod =
        "{\"metadata\":{\"name\":\"x\"},\"spec\":{\"containers\":[{\"name\":\"c\"}]},\"status\":{\"phase\":\"Running\"}}";
    json.asJson(json.unmarshal(pod, Pod.class));
    json.unmarshal("{\"metadata\":{\"name\":\"x\"},\"spec\":{},\"status\":{}}", Node.class);
    json.unmarshal("{\"metadata\":{\"name\":\"x\"},\"status\":{}}", VmHost.class);
    json.unmarshal(
        "{\"metadata\":{\"name\":\"x\"},\"spec\":{\"cpu\":{\"count\":1},\"memory\":{\"size\":\"1Mi\"}},\"status\":{}}",
        VirtualMachine.class);
  }
}
