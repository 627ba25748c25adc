package dev.lodge.agent.libvirt;

import dev.lodge.domain.hypervisor.HypervisorFailure;
import java.util.regex.Pattern;
import org.libvirt.Error.ErrorDomain;

/** libvirt's errors in the port's words: the one place where they are mapped. */
final class FailureMapper {
  private static final int EPERM = 1;
  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final int ECONNREFUSED = 111;

  /** What libvirt puts before its message, and says nothing. */
  private static final Pattern NOISE =
      Pattern.compile(
          "^(internal error|operation failed|Requested operation is not valid|unsupported"
              + " configuration|XML error|invalid argument|Unable to encode message payload)"
              + ": ",
          Pattern.CASE_INSENSITIVE);

  /** QEMU's words within a message of libvirt, and the time before each of its lines. */
  private static final Pattern QEMU_DIED =
      Pattern.compile(
          "(process exited while connecting to monitor|[Qq][Ee][Mm][Uu] unexpectedly closed the"
              + " monitor|process exited prior to exec|monitor socket did not show up)[^:]*(: ?)?");

  /** Two agents at once: what was not there when it was looked for. */
  private static final Pattern EXISTS =
      Pattern.compile("already (exists|defined) with uuid|already active as");

  private FailureMapper() {}

  /** What a call that failed so means. */
  static HypervisorFailure map(LibvirtError e) {
    String text = clean(e.text());
    if (e.domain() == ErrorDomain.VIR_FROM_RPC) {
      return new HypervisorFailure.Unavailable(text);
    }
    if (EXISTS.matcher(text).find()) {
      return new HypervisorFailure.AlreadyExists(text);
    }
    return switch (e.code()) {
      case VIR_ERR_NO_CONNECT, VIR_ERR_INVALID_CONN, VIR_ERR_RPC, VIR_ERR_NO_SERVER ->
          new HypervisorFailure.Unavailable(text);
      case VIR_ERR_AUTH_FAILED,
          VIR_ERR_AUTH_CANCELLED,
          VIR_ERR_AUTH_UNAVAILABLE,
          VIR_ERR_OPERATION_DENIED,
          VIR_ERR_ACCESS_DENIED ->
          new HypervisorFailure.Denied(text);
      case VIR_ERR_NO_DOMAIN, VIR_ERR_NO_NETWORK, VIR_ERR_DEVICE_MISSING ->
          new HypervisorFailure.NotFound(text);
      case VIR_ERR_DOM_EXIST, VIR_ERR_NETWORK_EXIST -> new HypervisorFailure.AlreadyExists(text);
      case VIR_ERR_NO_SUPPORT,
          VIR_ERR_CONFIG_UNSUPPORTED,
          VIR_ERR_ARGUMENT_UNSUPPORTED,
          VIR_ERR_OPERATION_UNSUPPORTED,
          VIR_ERR_CPU_INCOMPATIBLE,
          VIR_ERR_NO_KERNEL,
          VIR_ERR_OS_TYPE ->
          new HypervisorFailure.Unsupported(text);
      case VIR_ERR_XML_ERROR,
          VIR_ERR_XML_DETAIL,
          VIR_ERR_XML_INVALID_SCHEMA,
          VIR_ERR_INVALID_ARG,
          VIR_ERR_INVALID_MAC ->
          new HypervisorFailure.InvalidDefinition(text);
      case VIR_ERR_OPERATION_INVALID, VIR_ERR_RESOURCE_BUSY, VIR_ERR_BLOCK_COPY_ACTIVE ->
          new HypervisorFailure.Busy(text);
      case VIR_ERR_OPERATION_TIMEOUT ->
          // "cannot acquire state change lock": another call on this domain hangs; ours never ran.
          new HypervisorFailure.Busy(text);
      default ->
          QEMU_DIED.matcher(text).find()
              ? new HypervisorFailure.StartFailed("QEMU ended at once", lastWords(text))
              : new HypervisorFailure.Failed(text);
    };
  }

  /** Why no connection could be opened. */
  static HypervisorFailure connecting(LibvirtError e) {
    HypervisorFailure mapped = map(e);
    if (mapped instanceof HypervisorFailure.Denied) {
      return mapped;
    }
    String text = mapped.message();
    int errno = errno(e);
    if (errno == EACCES || errno == EPERM) {
      return new HypervisorFailure.Denied(
          text + " (run as root, or as a member of the group libvirt)");
    }
    if (errno == ENOENT || errno == ECONNREFUSED) {
      return new HypervisorFailure.Unavailable(text + " (libvirtd does not run)");
    }
    return mapped instanceof HypervisorFailure.Unavailable
        ? mapped
        : new HypervisorFailure.Unavailable(text);
  }

  /** The number is not always passed on; the words always are. */
  private static int errno(LibvirtError e) {
    if (e.errno() > 0) {
      return e.errno();
    }
    String text = e.text();
    if (text.endsWith("Permission denied")) {
      return EACCES;
    }
    if (text.endsWith("No such file or directory")) {
      return ENOENT;
    }
    return text.endsWith("Connection refused") ? ECONNREFUSED : 0;
  }

  /** Without libvirt's own prefixes, control characters and final full stop. */
  static String clean(String message) {
    String text = QemuLog.printable(message).strip();
    for (var m = NOISE.matcher(text); m.find(); m = NOISE.matcher(text)) {
      text = text.substring(m.end());
    }
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }

  private static String lastWords(String text) {
    var m = QEMU_DIED.matcher(text);
    return m.find() ? QemuLog.words(text.substring(m.end())) : "";
  }
}
