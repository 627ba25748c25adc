package dev.lodge.agent.libvirt;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How libvirt is reached and how long it may take.
 *
 * @param uri libvirt's connection URI
 * @param logs where libvirt keeps QEMU's logs
 * @param pids where libvirt keeps QEMU's pid files
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
        Duration.ofSeconds(15),
        Duration.ofSeconds(120),
        Duration.ofSeconds(5),
        5);
  }

  /** With these deadlines. */
  public LibvirtConfig deadlines(Duration quickCalls, Duration slowCalls) {
    return new LibvirtConfig(uri, logs, pids, quickCalls, slowCalls, keepAlive, parallel);
  }

  /** With libvirt's directories elsewhere: {@code <run>/libvirt/qemu}, {@code <log>/qemu}. */
  public LibvirtConfig directories(Path run, Path log) {
    return new LibvirtConfig(
        uri, log.resolve("qemu"), run.resolve("libvirt/qemu"), quick, slow, keepAlive, parallel);
  }
}
