package dev.lodge.domain.hypervisor;

/** libvirt's name and UUID of a domain; a call meets only the domain that has both. */
public record DomainId(String name, String uuid) {}
