/**
 * Images on this host: fetched or copied once, checked, kept read-only, shared by all that clone
 * them.
 */
@NullMarked
package dev.lodge.agent.image;

import org.jspecify.annotations.NullMarked;
