package dev.lodge.testkit.hypervisor;

/** The calls of the port, so that a test can name the one that goes wrong. */
public enum HypervisorCall {
  CAPABILITIES,
  LIST,
  FIND,
  START,
  SHUTDOWN,
  DESTROY,
  RESET,
  SUSPEND,
  RESUME,
  CHANGE_MEDIUM,
  SET_LINK,
  DETAILS,
  LAST_END,
  LIVE_XML,
  OPEN_CONSOLE,
  ENSURE_NETWORK,
  NETWORKS,
  REMOVE_NETWORK,
  LEASES
}
