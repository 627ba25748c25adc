package dev.lodge.api.common;

import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Adds to a generated schema what no annotation can say. The input is a list of {@code
 * field=key[,key]} (list-type map), {@code field=set}, {@code field=quantity}, {@code
 * field=atomic}, {@code field=labels}, separated by {@code ;}.
 */
public final class Schemas implements SchemaCustomizer.Customizer {
  @Override
  public JSONSchemaProps apply(
      JSONSchemaProps props, String input, KubernetesSerialization serialization) {
    for (String entry : input.split(";")) {
      String[] pair = entry.strip().split("=");
      JSONSchemaProps field = props.getProperties().get(pair[0]);
      if (field == null) {
        throw new IllegalStateException("no property " + pair[0]);
      }
      switch (pair[1]) {
        case "set" -> field.setXKubernetesListType("set");
        case "atomic" -> field.setXKubernetesListType("atomic");
        case "labels" -> labels(field);
        case "quantity" -> props.getProperties().put(pair[0], quantity(field));
        default -> listMap(field, List.of(pair[1].split(",")));
      }
    }
    return props;
  }

  /** A map of labels: as many as a person writes, each as long as Kubernetes allows. */
  private static void labels(JSONSchemaProps field) {
    field.setMaxProperties(32L);
    field.getAdditionalProperties().getSchema().setMaxLength(63L);
  }

  private static JSONSchemaProps quantity(JSONSchemaProps field) {
    var schema = new JSONSchemaProps();
    schema.setDescription(field.getDescription());
    schema.setXKubernetesIntOrString(true);
    schema.setPattern(Quantity.PATTERN);
    schema.setMaxLength(32L);
    var integer = new JSONSchemaProps();
    integer.setType("integer");
    var string = new JSONSchemaProps();
    string.setType("string");
    schema.setAnyOf(List.of(integer, string));
    return schema;
  }

  /** Keys of a list-type map must be required or defaulted, or the API server refuses the CRD. */
  private static void listMap(JSONSchemaProps field, List<String> keys) {
    field.setXKubernetesListType("map");
    field.setXKubernetesListMapKeys(keys);
    JSONSchemaProps item = field.getItems().getSchema();
    var required = new TreeSet<String>(item.getRequired() == null ? List.of() : item.getRequired());
    required.addAll(keys);
    item.setRequired(new ArrayList<>(required));
  }
}
