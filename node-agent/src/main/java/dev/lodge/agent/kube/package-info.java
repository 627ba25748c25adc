/** The objects of a node's agent behind a Kubernetes API server: client, watches, store. */
@org.jspecify.annotations.NullMarked
package dev.lodge.agent.kube;
