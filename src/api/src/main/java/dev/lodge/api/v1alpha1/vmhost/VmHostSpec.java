package dev.lodge.api.v1alpha1.vmhost;

import com.fasterxml.jackson.annotation.JsonClassDescription;

/** What people wish of a host: nothing yet; maintenance comes with drain. */
@JsonClassDescription("Wishes for the host; none yet.")
public record VmHostSpec() {}
