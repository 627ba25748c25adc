/** The operator: places virtual machines and says who may run them. */
@NullMarked
package dev.lodge.operator;

import org.jspecify.annotations.NullMarked;
