/**
 * The edge to libvirt: the only package that knows org.libvirt and JNA; everything native runs on
 * platform threads of its own, and every error is mapped once.
 */
@NullMarked
package dev.lodge.agent.libvirt;

import org.jspecify.annotations.NullMarked;
