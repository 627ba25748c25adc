package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.change.Change;
import dev.lodge.api.change.Change.Cost;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A network interface. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "!has(self.mac) || (self.mac != '00:00:00:00:00:00' && !self.mac.startsWith('fe:'))",
    message =
        "mac: 00:00:00:00:00:00 and addresses that begin with fe are the host's; use one that begins with 52:54:00")
@ValidationRule(
    value = "!has(self.ips) || self.ips.all(i, isIP(i))",
    message = "ips: is no IPv4 address; write for example 10.20.0.7")
@SchemaCustomizer(value = Schemas.class, input = "ips=set")
public record Interface(
    @Required
        @Size(min = 1, max = 63)
        @Pattern(Names.LABEL)
        @JsonPropertyDescription("Name, unique in the VM.")
        String name,
    @Nullable
        @JsonPropertyDescription(
            "The VmNetwork; default: 'default', looked for in the VM's namespace, then the installation's.")
        ObjectRef networkRef,
    @Nullable @JsonPropertyDescription("Virtio (default), E1000, E1000e or RTL8139.") Model model,
    @Nullable
        @Size(min = 17, max = 17)
        @Pattern("^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$")
        @JsonPropertyDescription(
            "MAC address, lower case, not multicast; default: derived, and the same when the VM is made again.")
        String mac,
    @Nullable
        @Size(max = 1)
        @JsonPropertyDescription(
            "The IPv4 address, out of the network's subnet; absent: given by Lodge, and kept.")
        List<@Size(max = 15) @Pattern("^[0-9]{1,3}(\\.[0-9]{1,3}){3}$") String> ips,
    @Nullable
        @Change(Cost.LIVE)
        @JsonPropertyDescription("Up (default) or Down, as if the cable were pulled.")
        LinkState linkState,
    @Nullable
        @Min(1)
        @Max(64)
        @JsonPropertyDescription("Place in the boot order (network boot), 1 first.")
        Integer bootOrder) {

  public enum Model {
    Virtio,
    E1000,
    E1000e,
    RTL8139
  }

  public enum LinkState {
    Up,
    Down
  }
}
