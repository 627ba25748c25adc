/** What people and scripts read: tables, YAML, names, descriptions, progress. */
@NullMarked
package dev.lodge.cli.output;

import org.jspecify.annotations.NullMarked;
