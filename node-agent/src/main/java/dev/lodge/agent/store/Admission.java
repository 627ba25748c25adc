package dev.lodge.agent.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;

/**
 * The rules that need more than one object, e.g. two VMs that write one disk. They hold for files
 * and for the API alike; what a manifest alone can have wrong was checked before.
 */
@FunctionalInterface
public interface Admission {

  /**
   * What is wrong with an object beside the others; empty if nothing. Pure and quick: it runs while
   * the store is locked, and runs again whenever other objects change.
   *
   * @param candidate apiVersion, kind, metadata and spec
   * @param existing all objects, among them perhaps an older {@code key} and such as are being
   *     deleted
   */
  List<Problem> check(ObjectKey key, ObjectNode candidate, Collection<StoredObject> existing);

  /**
   * Something that is wrong.
   *
   * @param field e.g. {@code spec.disks[0].source}; empty for the whole object
   * @param message for people, with the mend
   */
  record Problem(String field, String message) {
    @Override
    public String toString() {
      return field.isEmpty() ? message : field + ": " + message;
    }
  }
}
