/** The VmImage kind. */
@NullMarked
package dev.lodge.api.v1alpha1.vmimage;

import org.jspecify.annotations.NullMarked;
