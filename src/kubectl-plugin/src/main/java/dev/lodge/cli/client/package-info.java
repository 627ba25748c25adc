/** The Kubernetes-shaped API as the command line uses it: paths, objects, watches, failures. */
@NullMarked
package dev.lodge.cli.client;

import org.jspecify.annotations.NullMarked;
