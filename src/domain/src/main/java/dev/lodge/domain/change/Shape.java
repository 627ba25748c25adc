package dev.lodge.domain.change;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lodge.api.change.Change;
import dev.lodge.api.common.HostResourceRef;
import dev.lodge.api.common.ObjectRef;
import dev.lodge.api.common.Quantity;
import dev.lodge.api.v1alpha1.virtualmachine.CloudInit;
import dev.lodge.api.v1alpha1.virtualmachine.Cpu;
import dev.lodge.api.v1alpha1.virtualmachine.DiskSource;
import dev.lodge.api.v1alpha1.virtualmachine.FileRef;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The fields of a record of the API, read once. */
record Shape(Class<?> type, List<Field> fields) {
  /** Records that are one value for a user: they change as a whole. */
  private static final List<Class<?>> VALUES =
      List.of(
          Quantity.class,
          DiskSource.class,
          FileRef.class,
          ObjectRef.class,
          HostResourceRef.class,
          Cpu.Topology.class);

  /** Records whose texts are nobody's business but the guest's. */
  private static final List<Class<?>> SECRETS = List.of(CloudInit.class);

  private static final ClassValue<Shape> CACHE =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return read(type);
        }
      };

  static Shape of(Class<?> record) {
    return CACHE.get(record);
  }

  String nameOf(Object element) {
    return fields.stream()
        .filter(f -> f.name().equals("name"))
        .map(f -> String.valueOf(f.of(element)))
        .findFirst()
        .orElseThrow();
  }

  private boolean hasName() {
    return fields.stream().anyMatch(f -> f.name().equals("name"));
  }

  private static Shape read(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      fields.add(field(type, component));
    }
    return new Shape(type, List.copyOf(fields));
  }

  private static Field field(Class<?> owner, RecordComponent component) {
    Change change = component.getAnnotation(Change.class);
    JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
    return new Field(
        renamed != null && !renamed.value().isEmpty() ? renamed.value() : component.getName(),
        component.getAccessor(),
        change == null ? null : change.value(),
        isTree(component.getType()) ? of(component.getType()) : null,
        element(component),
        SECRETS.contains(owner));
  }

  /** The elements' shape, if it is a list of records that have a name. */
  private static @Nullable Shape element(RecordComponent component) {
    if (component.getGenericType() instanceof ParameterizedType list
        && list.getActualTypeArguments()[0] instanceof Class<?> element
        && isTree(element)) {
      Shape shape = of(element);
      return shape.hasName() ? shape : null;
    }
    return null;
  }

  private static boolean isTree(Class<?> type) {
    return type.isRecord() && !VALUES.contains(type);
  }

  /**
   * @param name as in YAML
   * @param cost null: that of the field above
   * @param shape of a nested record that is compared field by field
   * @param element of a list that is compared by names
   */
  record Field(
      String name,
      Method accessor,
      Change.@Nullable Cost cost,
      @Nullable Shape shape,
      @Nullable Shape element,
      boolean secret) {

    boolean named() {
      return element != null;
    }

    /** Its value; that of an absent record is absent. */
    @Nullable Object of(@Nullable Object record) {
      try {
        return record == null ? null : accessor.invoke(record);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("records of the API are public: " + accessor, e);
      }
    }
  }
}
