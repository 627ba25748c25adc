/** What the agent counts and times, for Prometheus. */
@NullMarked
package dev.lodge.agent.metrics;

import org.jspecify.annotations.NullMarked;
