/** The VirtualMachine kind. */
@NullMarked
package dev.lodge.api.v1alpha1.virtualmachine;

import org.jspecify.annotations.NullMarked;
