/**
 * Files and devices of the host that an administrator has named, opened so that no path of a user
 * decides what is opened.
 */
@NullMarked
package dev.lodge.agent.hostfile;

import org.jspecify.annotations.NullMarked;
