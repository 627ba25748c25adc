/** Networks of VMs in a cluster, and the addresses that the operator gives. */
@NullMarked
package dev.lodge.operator.network;

import org.jspecify.annotations.NullMarked;
