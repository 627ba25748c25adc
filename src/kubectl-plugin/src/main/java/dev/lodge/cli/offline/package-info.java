/** Planning a machine with no agent: what it would be on a host of given capabilities. */
@NullMarked
package dev.lodge.cli.offline;

import org.jspecify.annotations.NullMarked;
