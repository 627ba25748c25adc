package dev.lodge.domain.hypervisor;

/** A network of ours that runs. */
public record NetworkState(String libvirtName, String uid, String bridge) {}
