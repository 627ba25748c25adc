/** The one writer of a VM's status. */
@NullMarked
package dev.lodge.operator.status;

import org.jspecify.annotations.NullMarked;
