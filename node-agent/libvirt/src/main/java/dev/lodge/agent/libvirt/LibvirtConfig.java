package dev.lodge.agent.libvirt;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How libvirt is reached and how long it may take.
 *
 * @param uri libvirt's connection URI
 * @param logs where libvirt keeps QEMU's logs
 * @param pids where libvirt keeps QEMU's pid files
 * @param networks where each network gets a directory of files that its dnsmasq reads, which is the
 *     quick way to a static lease; null: libvirt is told of each
 * @param quick deadline of calls that only look or flip a switch
 * @param slow deadline of calls that start or end something
 * @param keepAlive after this time without an answer libvirt's client asks the daemon for a sign of
 *     life; after three unanswered ones the connection is given up
 * @param parallel how many slow calls run at once; libvirtd serves 5 of one connection
 */
public record LibvirtConfig(
    String uri,
    Path logs,
    Path pids,
    @Nullable Path networks,
    Duration quick,
    Duration slow,
    Duration keepAlive,
    int parallel) {

  /** The host's own libvirt with its usual directories. */
  public static LibvirtConfig of(String uri) {
    return new LibvirtConfig(
        uri,
        Path.of("/var/log/libvirt/qemu"),
        Path.of("/run/libvirt/qemu"),
        null,
        Duration.ofSeconds(15),
        Duration.ofSeconds(120),
        Duration.ofSeconds(5),
        5);
  }

  /** With these deadlines. */
  public LibvirtConfig deadlines(Duration quickCalls, Duration slowCalls) {
    return new LibvirtConfig(uri, logs, pids, networks, quickCalls, slowCalls, keepAlive, parallel);
  }

  /** With libvirt's directories elsewhere: {@code <run>/libvirt/qemu}, {@code <log>/qemu}. */
  public LibvirtConfig directories(Path run, Path log) {
    return new LibvirtConfig(
        uri,
        log.resolve("qemu"),
        run.resolve("libvirt/qemu"),
        networks,
        quick,
        slow,
        keepAlive,
        parallel);
  }

  /** With a directory for the files of networks, absolute; dnsmasq must be able to enter it. */
  public LibvirtConfig networks(Path directory) {
    return new LibvirtConfig(uri, logs, pids, directory, quick, slow, keepAlive, parallel);
  }
}
