package dev.lodge.operator.client;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;

/** How objects of the API are read. */
public final class Json {
  private Json() {}

  /**
   * A reader that passes over what it does not know, as a newer CRD may have more members and words
   * than this operator.
   */
  public static ObjectMapper lenient() {
    return lenient(new ObjectMapper());
  }

  /** The same manners for an existing reader. */
  public static ObjectMapper lenient(ObjectMapper mapper) {
    return mapper
        .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false)
        .configure(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL, true);
  }
}
