/** The objects of an agent that works alone: wishes, states and their versions. */
@NullMarked
package dev.lodge.agent.store;

import org.jspecify.annotations.NullMarked;
