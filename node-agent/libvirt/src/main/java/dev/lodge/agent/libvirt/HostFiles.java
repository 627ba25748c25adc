package dev.lodge.agent.libvirt;

import dev.lodge.domain.machine.NetworkPlan.Host;
import dev.lodge.libvirtxml.DnsmasqFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The static leases of one network as files that its dnsmasq reads. All that must outlive this
 * process is in the directory: a lease that dnsmasq may still know after its file went is kept
 * under a name that dnsmasq passes over. Nothing of it must outlive the network, so nothing is
 * synced to the disk.
 *
 * <p>One call at a time for each network.
 */
final class HostFiles {
  private static final String RETIRED = ".retired-";
  private static final String UNWATCHED = ".unwatched";
  private static final String UNFINISHED = ".unfinished";
  private static final String NEW_DIRECTORY = ".new";

  private final Path directory;
  private final Path hosts;
  private final Path names;

  HostFiles(DnsmasqFiles files) {
    directory = Path.of(files.directory());
    hosts = Path.of(files.hosts());
    names = Path.of(files.names());
  }

  /** Makes dnsmasq read all files anew, and forget the lines of these guests that are gone. */
  interface Reload {
    void run(List<String> forgotten) throws IOException, LibvirtError;
  }

  /** For a network that is not there yet: its directory as if it had never been. */
  void begin(List<Host> leases, String name, String address) throws IOException {
    remove();
    open(directory);
    open(hosts);
    open(names);
    for (Map.Entry<String, String> line : HostFileChange.lines(leases).entrySet()) {
      write(hosts, line.getKey(), line.getValue());
    }
    write(names, name, address + " " + name);
  }

  /** For a network that is there. */
  void update(List<Host> leases, Reload reload) throws IOException, LibvirtError {
    makeAgainIfLost();
    HostFileChange.Found found = read();
    Map<String, String> wanted = HostFileChange.lines(leases);
    HostFileChange change = HostFileChange.between(found, wanted);
    for (String file : change.retire()) {
      move(hosts.resolve(file), hosts.resolve(RETIRED + file));
    }
    for (Map.Entry<String, String> line : change.write().entrySet()) {
      write(hosts, line.getKey(), line.getValue());
    }
    if (change.reload()) {
      List<String> lines = new ArrayList<>(found.retired().values());
      change.retire().forEach(file -> lines.add(found.present().getOrDefault(file, "")));
      reload.run(lines);
      List<String> forgotten = new ArrayList<>(found.retired().keySet());
      forgotten.addAll(change.retire());
      for (String file : forgotten) {
        Files.deleteIfExists(hosts.resolve(RETIRED + file));
      }
    }
  }

  /** Takes everything away. */
  void remove() throws IOException {
    for (Path part : List.of(hosts, names, directory.resolve(NEW_DIRECTORY))) {
      if (Files.isDirectory(part)) {
        for (Path file : files(part)) {
          Files.delete(file);
        }
        Files.delete(part);
      }
    }
    Files.deleteIfExists(directory);
  }

  /** dnsmasq watches the directory that it began with, and reads another one only when told to. */
  private void makeAgainIfLost() throws IOException {
    if (Files.isDirectory(hosts)) {
      return;
    }
    open(directory);
    Path made = directory.resolve(NEW_DIRECTORY);
    open(made);
    write(made, UNWATCHED, "");
    move(made, hosts);
  }

  private HostFileChange.Found read() throws IOException {
    Map<String, String> present = new LinkedHashMap<>();
    Map<String, String> retired = new LinkedHashMap<>();
    for (Path path : files(hosts)) {
      String file = path.getFileName().toString();
      if (file.startsWith(RETIRED)) {
        retired.put(file.substring(RETIRED.length()), text(path));
      } else if (!file.startsWith(".")) {
        present.put(file, text(path));
      }
    }
    return new HostFileChange.Found(present, retired, !Files.exists(hosts.resolve(UNWATCHED)));
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** dnsmasq, another user, must enter and read it, whatever the umask. */
  private static void open(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void write(Path directory, String file, String line) throws IOException {
    Path unfinished = directory.resolve(UNFINISHED);
    Files.writeString(unfinished, line + "\n");
    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-r--r--"));
    move(unfinished, directory.resolve(file));
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }
}
