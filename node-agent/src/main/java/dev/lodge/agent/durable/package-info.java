/** Small files that survive a crash: written beside, synced, renamed. */
@NullMarked
package dev.lodge.agent.durable;

import org.jspecify.annotations.NullMarked;
