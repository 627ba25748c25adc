package dev.lodge.agent.libvirt;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;
import org.libvirt.Error;
import org.libvirt.Error.ErrorDomain;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.LibvirtException;

/**
 * An error as libvirt reports it. libvirt keeps it per OS thread until the next call: it must be
 * read on the thread of the failed call, right after it.
 */
final class LibvirtError extends Exception {
  private static final long serialVersionUID = 1L;
  // struct _virError on LP64: int code, domain; char *message; ...; int int1
  private static final int CODE = 0;
  private static final int DOMAIN = 4;
  private static final int MESSAGE = 8;
  private static final int INT1 = 64;

  private final ErrorNumber code;
  private final ErrorDomain domain;
  private final int errno;

  LibvirtError(ErrorNumber code, ErrorDomain domain, String message, int errno) {
    super(message, null, false, false);
    this.code = code;
    this.domain = domain;
    this.errno = errno;
  }

  /** The last error of this thread. */
  static LibvirtError last() {
    Pointer e = LibvirtNative.VIRT.virGetLastError();
    if (e == null) {
      return new LibvirtError(
          ErrorNumber.VIR_ERR_UNKNOWN, ErrorDomain.VIR_FROM_NONE, "libvirt gives no reason", 0);
    }
    Pointer message = e.getPointer(MESSAGE);
    return new LibvirtError(
        at(ErrorNumber.values(), e.getInt(CODE), ErrorNumber.VIR_ERR_UNKNOWN),
        at(ErrorDomain.values(), e.getInt(DOMAIN), ErrorDomain.VIR_FROM_NONE),
        message == null ? "libvirt gives no reason" : message.getString(0, "UTF-8"),
        e.getInt(INT1));
  }

  /** What libvirt-java has read. */
  static LibvirtError of(LibvirtException e) {
    Error error = e.getError();
    if (error == null) {
      return new LibvirtError(
          ErrorNumber.VIR_ERR_UNKNOWN, ErrorDomain.VIR_FROM_NONE, String.valueOf(e), 0);
    }
    return new LibvirtError(
        error.getCode(), error.getDomain(), String.valueOf(error.getMessage()), error.getInt1());
  }

  /** A result that is negative if the call failed. */
  static int check(int result) throws LibvirtError {
    if (result < 0) {
      throw last();
    }
    return result;
  }

  /** A result that is null if the call failed. */
  static <T> T check(@Nullable T result) throws LibvirtError {
    if (result == null) {
      throw last();
    }
    return result;
  }

  ErrorNumber code() {
    return code;
  }

  ErrorDomain domain() {
    return domain;
  }

  /** The system's error number where libvirt passes one on ({@code VIR_ERR_SYSTEM_ERROR}). */
  int errno() {
    return errno;
  }

  String text() {
    String m = getMessage();
    return m == null ? "" : m;
  }

  private static <T> T at(T[] values, int index, T other) {
    return index >= 0 && index < values.length ? values[index] : other;
  }
}
