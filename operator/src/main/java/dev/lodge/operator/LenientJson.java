package dev.lodge.operator;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lodge.operator.client.Json;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapperCustomizer;
import jakarta.inject.Singleton;

/** The client passes over what a newer CRD has. */
@Singleton
public class LenientJson implements KubernetesClientObjectMapperCustomizer {
  @Override
  public void customize(ObjectMapper mapper) {
    Json.lenient(mapper);
  }
}
