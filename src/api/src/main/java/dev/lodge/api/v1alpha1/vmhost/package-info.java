/** The VmHost kind. */
@NullMarked
package dev.lodge.api.v1alpha1.vmhost;

import org.jspecify.annotations.NullMarked;
