/** Structured logs: one line an event, keys and values, on standard error. */
@NullMarked
package dev.lodge.agent.log;

import org.jspecify.annotations.NullMarked;
