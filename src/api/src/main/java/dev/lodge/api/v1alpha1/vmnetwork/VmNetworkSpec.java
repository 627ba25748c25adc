package dev.lodge.api.v1alpha1.vmnetwork;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a user wishes of a network: exactly one kind, which is {@code nat} so far. */
@JsonClassDescription("What the network shall be.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VmNetworkSpec(
    @Required
        @JsonPropertyDescription(
            "A private network whose guests reach the world through the host: {}.")
        Nat nat,
    @Nullable @JsonPropertyDescription("IPv4; absent: a free /24 of the host's, kept.") Ipv4 ipv4,
    @Nullable @JsonPropertyDescription("Names.") Dns dns,
    @Nullable
        @JsonPropertyDescription(
            "Which namespaces may use it; default Same, for the installation's 'default' network All.")
        AllowedNamespaces allowedNamespaces) {

  /** NAT; no settings yet. */
  public record Nat() {}

  /** IPv4 of the network. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(value = Schemas.class, input = "ranges=set;exclude=set")
  @ValidationRule(
      value = "isCIDR(self.cidr) && cidr(self.cidr) == cidr(self.cidr).masked()",
      message = "cidr: must be a subnet such as 10.20.0.0/24, without bits of a host's own address")
  @ValidationRule(
      value =
          "!has(self.gateway) || !isCIDR(self.cidr) || (isIP(self.gateway) && cidr(self.cidr).containsIP(self.gateway))",
      message = "gateway: must be an address in cidr")
  @ValidationRule(
      value =
          "!has(self.ranges) || !isCIDR(self.cidr) || self.ranges.all(r, r.split('-').size() == 2 && r.split('-').all(a, isIP(a) && cidr(self.cidr).containsIP(a)))",
      message = "ranges: each must be <first>-<last> with both addresses in cidr")
  @ValidationRule(
      value =
          "!has(self.exclude) || !isCIDR(self.cidr) || self.exclude.all(a, isIP(a) && cidr(self.cidr).containsIP(a))",
      message = "exclude: each must be an address in cidr")
  public record Ipv4(
      @Required
          @Size(max = 18)
          @Pattern("^[0-9]{1,3}(\\.[0-9]{1,3}){3}/([89]|[12][0-9]|30)$")
          @JsonPropertyDescription("Subnet, e.g. 10.20.0.0/24.")
          String cidr,
      @Nullable
          @Size(max = 15)
          @Pattern("^[0-9]{1,3}(\\.[0-9]{1,3}){3}$")
          @JsonPropertyDescription("The host's own address; default: the first of the subnet.")
          String gateway,
      @Nullable
          @Size(max = 16)
          @JsonPropertyDescription(
              "Addresses to give to VMs, e.g. 10.20.0.100-10.20.0.199; absent: the whole subnet.")
          List<@Size(max = 31) @Pattern("^[0-9.]{7,15}-[0-9.]{7,15}$") String> ranges,
      @Nullable
          @Size(max = 64)
          @JsonPropertyDescription("Addresses never given to VMs, e.g. 10.20.0.10.")
          List<@Size(max = 15) @Pattern("^[0-9]{1,3}(\\.[0-9]{1,3}){3}$") String> exclude) {}

  /** Names on the network. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Dns(
      @Nullable
          @Size(max = 253)
          @Pattern(Names.SUBDOMAIN)
          @JsonPropertyDescription("Domain of the VMs' names, e.g. vm.internal.")
          String domain) {}
}
