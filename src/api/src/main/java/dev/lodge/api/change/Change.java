package dev.lodge.api.change;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What changing a field costs a running VM. On a component of type record or list it is the default
 * for everything below; a component below may say otherwise.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT})
public @interface Change {
  Cost value();

  /** What an absent value means, so that writing it out is no change. */
  String absent() default "";

  /** The costs, from cheap to dear. */
  enum Cost {
    /** Applied to the running guest at once. */
    LIVE,
    /** Listed in {@code status.restartAwaitingChanges} and applied at the next start. */
    NEXT_BOOT,
    /** Refused, be it set, changed or taken away; see {@link Change#absent}. */
    IMMUTABLE
  }
}
