package dev.lodge.operator;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import dev.lodge.api.v1alpha1.vmhost.VmHost;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * Loads the classes of what will be read. They are many, and the first to read an object is the
 * event loop of the client: meanwhile it would answer nobody, and connections would time out.
 */
final class WarmUp {
  private WarmUp() {}

  static void run(KubernetesClient client) {
    KubernetesSerialization json = client.getKubernetesSerialization();
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
