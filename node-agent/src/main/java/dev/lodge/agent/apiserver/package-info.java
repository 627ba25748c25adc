/** The Kubernetes-shaped API of an agent that works alone: objects, watches, verbs and streams. */
@NullMarked
package dev.lodge.agent.apiserver;

import org.jspecify.annotations.NullMarked;
