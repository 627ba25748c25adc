/** The node agent: a plain main that joins a source of wishes, libvirt and an API. */
@NullMarked
package dev.lodge.agent;

import org.jspecify.annotations.NullMarked;
