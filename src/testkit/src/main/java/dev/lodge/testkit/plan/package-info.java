/** Plans and hosts for tests: small, complete and the same in every run. */
@NullMarked
package dev.lodge.testkit.plan;

import org.jspecify.annotations.NullMarked;
