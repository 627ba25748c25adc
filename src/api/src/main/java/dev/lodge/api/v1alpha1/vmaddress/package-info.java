/** The VmAddress kind. */
@NullMarked
package dev.lodge.api.v1alpha1.vmaddress;

import org.jspecify.annotations.NullMarked;
