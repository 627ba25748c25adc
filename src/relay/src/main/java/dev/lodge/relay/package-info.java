/** Streams over WebSocket with back-pressure, shared by agent and operator. */
@NullMarked
package dev.lodge.relay;

import org.jspecify.annotations.NullMarked;
