/** A machine as it shall be built: every choice made, nothing left to libvirt's defaults. */
@NullMarked
package dev.lodge.domain.machine;

import org.jspecify.annotations.NullMarked;
