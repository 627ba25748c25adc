package dev.lodge.operator.network;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lodge.api.ResourceKind;
import dev.lodge.operator.client.ApiClient;
import dev.lodge.operator.client.ApiPath;
import dev.lodge.operator.client.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network of VMs that name none; made once, and then an administrator's. */
public final class DefaultNetwork {
  private static final Logger LOG = LoggerFactory.getLogger(DefaultNetwork.class);

  private DefaultNetwork() {}

  /**
   * Makes it if nobody has.
   *
   * @param cidr its subnet; a node's own libvirt network of that subnet
   */
  public static void ensure(ApiClient api, String namespace, String cidr) {
    ObjectNode network = JsonNodeFactory.instance.objectNode();
    network.put("apiVersion", ResourceKind.API_VERSION).put("kind", ResourceKind.VmNetwork.name());
    network.putObject("metadata").put("namespace", namespace).put("name", "default");
    ObjectNode spec = network.putObject("spec");
    spec.putObject("nat");
    spec.putObject("ipv4").put("cidr", cidr);
    Reply r = api.create(ApiPath.all(ResourceKind.VmNetwork, namespace), network);
    if (!(r instanceof Reply.Done || r instanceof Reply.Exists)) {
      LOG.warn("network {}/default was not made: {}", namespace, r);
    }
  }
}
