/** A run of typical commands, from which the launcher makes its AOT cache. */
@NullMarked
package dev.lodge.cli.training;

import org.jspecify.annotations.NullMarked;
