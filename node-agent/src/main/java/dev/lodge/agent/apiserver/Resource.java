package dev.lodge.agent.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A collection that the API serves for reading: how it is named, listed, watched and shown. Lists
 * and watches, tables and discovery know nothing else.
 */
interface Resource {

  /** How it is named and what may be done with it. */
  Names names();

  /** The columns of its tables, the name first. */
  List<Column> columns();

  /** What field selectors may name. */
  Map<String, Function<ObjectNode, String>> selectableFields();

  /** All objects, by namespace and name. */
  Listing list();

  /** One object; the namespace is empty for cluster-scoped kinds. */
  Optional<ObjectNode> get(String namespace, String name);

  /**
   * Tells of every change after {@code version}; the listener must not block.
   *
   * @throws ApiException Expired: too old to go on from
   */
  AutoCloseable watch(long version, Consumer<Change> listener) throws ApiException;

  /** Objects at one version; the trees are shared and not to be changed. */
  record Listing(long version, List<ObjectNode> items) {}

  /**
   * One change.
   *
   * @param type ADDED, MODIFIED or DELETED
   */
  record Change(String type, long version, ObjectNode object) {}

  /**
   * Names in discovery.
   *
   * @param group empty for Kubernetes' core
   */
  record Names(
      String group,
      String version,
      String kind,
      String plural,
      String singular,
      List<String> shortNames,
      boolean namespaced,
      List<String> verbs) {

    String apiVersion() {
      return group.isEmpty() ? version : group + "/" + version;
    }

    ApiException.Subject subject(String name) {
      return new ApiException.Subject(group, plural, name);
    }
  }
}
