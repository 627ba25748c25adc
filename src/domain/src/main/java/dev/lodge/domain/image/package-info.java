/** What an image's header says, read before QEMU or qemu-img sees the file. */
@NullMarked
package dev.lodge.domain.image;

import org.jspecify.annotations.NullMarked;
