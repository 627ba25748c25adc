package dev.lodge.agent.store;

/** The outcome of a status write, in the words of the protocol. */
public sealed interface StatusWrite {
  /** Written; or nothing was to be changed. */
  record Applied(StoredObject object) implements StatusWrite {}

  /** Somebody else wrote first: read again. */
  record Conflict() implements StatusWrite {}

  /** There is no such object any more, or it is another one of the same name. */
  record Gone() implements StatusWrite {}

  /** Not written, for certain: the disk is full, or the API server refuses it. */
  record Failed(String why) implements StatusWrite {}

  /** No answer, or one that leaves it open: it may be written or not, now or a little later. */
  record Unknown(String why) implements StatusWrite {}
}
