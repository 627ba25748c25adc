package dev.lodge.operator.needs;

/**
 * This installation of Lodge.
 *
 * @param id that MAC addresses derive from: the UID of the namespace kube-system, which is the
 *     cluster's, so that a new installation in the same cluster derives the same ones
 * @param namespace that it runs in
 */
public record Installation(String id, String namespace) {}
