/** A hypervisor that lives in memory, and the contract that every hypervisor fulfils. */
@NullMarked
package dev.lodge.testkit.hypervisor;

import org.jspecify.annotations.NullMarked;
