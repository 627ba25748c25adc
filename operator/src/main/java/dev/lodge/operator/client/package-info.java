/**
 * Requests to the API server whose outcome is a value: nothing is repeated behind the caller's
 * back.
 */
@NullMarked
package dev.lodge.operator.client;

import org.jspecify.annotations.NullMarked;
