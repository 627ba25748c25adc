/**
 * The agent that works alone: what joins its parts, and the verbs that the operator has in a
 * cluster.
 */
@NullMarked
package dev.lodge.agent.alone;

import org.jspecify.annotations.NullMarked;
