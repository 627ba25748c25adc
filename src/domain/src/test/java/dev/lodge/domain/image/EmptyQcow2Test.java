package dev.lodge.domain.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lodge.domain.image.Inspection.Accepted;
import dev.lodge.domain.image.Inspection.Refused;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmptyQcow2Test {
  private static final EmptyQcow2.Backing BASE = new EmptyQcow2.Backing("/var/base", "qcow2");

  @ParameterizedTest
  @ValueSource(longs = {1, 512, 1L << 20, (512L << 20) + 1, 10L << 30, 64L << 40})
  void theInspectorAcceptsWhatIsWritten(long size) throws IOException {
    EmptyQcow2 empty = EmptyQcow2.of(size, BASE);

    Inspection got = inspect(empty, InspectionPolicy.own("/var/base"));

    long rounded = (size + 511) / 512 * 512;
    assertThat(got)
        .isEqualTo(new Accepted(new ImageHeader.Qcow2(3, 16, rounded, "/var/base"), rounded));
  }

  @Test
  void anotherBackingFileThanTheOneItWasMadeWithIsRefused() throws IOException {
    EmptyQcow2 empty = EmptyQcow2.of(1 << 20, BASE);

    assertThat(inspect(empty, InspectionPolicy.own("/var/other"))).isInstanceOf(Refused.class);
    assertThat(inspect(empty, InspectionPolicy.own(null))).isInstanceOf(Refused.class);
    assertThat(inspect(EmptyQcow2.of(1 << 20, null), InspectionPolicy.own("/var/base")))
        .isInstanceOf(Refused.class);
  }

  @Test
  void refusesWhatTheFormatCannotHold() {
    assertThatThrownBy(() -> EmptyQcow2.of(0, null)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EmptyQcow2.of((64L << 40) + 1, null))
        .isInstanceOf(IllegalArgumentException.class);
    var longPath = new EmptyQcow2.Backing("/" + "x".repeat(1023), "raw");
    assertThatThrownBy(() -> EmptyQcow2.of(512, longPath))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Inspection inspect(EmptyQcow2 empty, InspectionPolicy policy) throws IOException {
    byte[] image = Arrays.copyOf(empty.head(), (int) empty.fileSize());
    return ImageInspector.inspect(ImageBytes.of(image), null, policy);
  }
}
