/** The user's terminal: raw mode and the console session. */
@NullMarked
package dev.lodge.cli.terminal;

import org.jspecify.annotations.NullMarked;
