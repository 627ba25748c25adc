/** The port to the hypervisor: what the domain needs of libvirt, in its own words. */
@NullMarked
package dev.lodge.domain.hypervisor;

import org.jspecify.annotations.NullMarked;
