/** What differs between two specs, and what it costs to bring a running guest there. */
@NullMarked
package dev.lodge.domain.change;

import org.jspecify.annotations.NullMarked;
