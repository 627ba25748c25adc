/** From plans to libvirt's XML, and from what libvirt says back to facts. */
@NullMarked
package dev.lodge.libvirtxml;

import org.jspecify.annotations.NullMarked;
