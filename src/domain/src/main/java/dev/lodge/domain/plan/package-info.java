/** From a spec and what a host can do to a machine plan; pure and deterministic. */
@NullMarked
package dev.lodge.domain.plan;

import org.jspecify.annotations.NullMarked;
