/** The verbs, one class each. */
@NullMarked
package dev.lodge.cli.command;

import org.jspecify.annotations.NullMarked;
