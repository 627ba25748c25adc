/** Images on the web: their short names, and the checksums that their publishers give. */
@NullMarked
package dev.lodge.cli.image;

import org.jspecify.annotations.NullMarked;
