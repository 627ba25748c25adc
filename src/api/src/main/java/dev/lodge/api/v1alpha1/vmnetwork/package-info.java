/** The VmNetwork kind. */
@NullMarked
package dev.lodge.api.v1alpha1.vmnetwork;

import org.jspecify.annotations.NullMarked;
