/** The command line: {@code lodge}, one program alone and as a kubectl plugin. */
@NullMarked
package dev.lodge.cli;

import org.jspecify.annotations.NullMarked;
