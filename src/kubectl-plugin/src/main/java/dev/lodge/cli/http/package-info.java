/** HTTP/1.1 and WebSocket over a unix socket: the one transport of the command line. */
@NullMarked
package dev.lodge.cli.http;

import org.jspecify.annotations.NullMarked;
