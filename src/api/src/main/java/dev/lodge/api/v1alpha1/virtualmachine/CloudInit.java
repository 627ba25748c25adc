package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import io.fabric8.crd.generator.annotation.*;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** cloud-init data for the NoCloud data source. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "(has(self.userData) ? 1 : 0) + (has(self.userDataSecretRef) ? 1 : 0) + (has(self.userDataConfigMapRef) ? 1 : 0) <= 1",
    message =
        "cloudInit.userData: only one of userData, userDataSecretRef and userDataConfigMapRef")
public record CloudInit(
    @Nullable
        @Size(max = 65536)
        @JsonPropertyDescription("User data: '#cloud-config …' or a script; at most 64 KiB.")
        String userData,
    @Nullable
        @Size(max = 65536)
        @JsonPropertyDescription("Network configuration (version 2); default: DHCP everywhere.")
        String networkData,
    @Nullable
        @JsonPropertyDescription(
            "User data from the key userData of a Secret of the VM's namespace, instead of userData. In a cluster.")
        LocalRef userDataSecretRef,
    @Nullable
        @JsonPropertyDescription(
            "User data from the key userData of a ConfigMap of the VM's namespace, instead of userData. In a cluster.")
        LocalRef userDataConfigMapRef) {}
