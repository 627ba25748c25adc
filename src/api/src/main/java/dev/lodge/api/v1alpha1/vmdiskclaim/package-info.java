/** The VmDiskClaim kind. */
@NullMarked
package dev.lodge.api.v1alpha1.vmdiskclaim;

import org.jspecify.annotations.NullMarked;
