/** What the text consoles of guests say: read from virtlogd's rings, for terminals and for logs. */
@NullMarked
package dev.lodge.agent.console;

import org.jspecify.annotations.NullMarked;
