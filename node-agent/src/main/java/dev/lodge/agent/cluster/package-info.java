/** The agent of a cluster's node, put together: docs/design/cluster-agent.md. */
@org.jspecify.annotations.NullMarked
package dev.lodge.agent.cluster;
