/** The HostResource kind. */
@NullMarked
package dev.lodge.api.v1alpha1.hostresource;

import org.jspecify.annotations.NullMarked;
