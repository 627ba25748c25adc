/**
 * The networks of this node: which one a VM means, its subnet, its addresses, its libvirt network.
 */
@NullMarked
package dev.lodge.agent.network;

import org.jspecify.annotations.NullMarked;
