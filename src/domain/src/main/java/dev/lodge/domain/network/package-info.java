/** Addresses: which MAC an interface has, which IP, which subnet a network; all pure. */
@NullMarked
package dev.lodge.domain.network;

import org.jspecify.annotations.NullMarked;
