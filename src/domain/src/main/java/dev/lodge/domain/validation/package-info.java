/**
 * Rules over specs that the CLI, the agent and the admission share; each message names the mend.
 */
@NullMarked
package dev.lodge.domain.validation;

import org.jspecify.annotations.NullMarked;
