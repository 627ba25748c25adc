/**
 * What a VM's disks, kernel, firmware and cloud-init data are on this host, made ready before a
 * start.
 */
@NullMarked
package dev.lodge.agent.storage;

import org.jspecify.annotations.NullMarked;
