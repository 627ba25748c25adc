package dev.lodge.api.v1alpha1.virtualmachine;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.lodge.api.common.*;
import dev.lodge.api.v1alpha1.virtualmachine.Machine.Toggle;
import io.fabric8.crd.generator.annotation.*;
import org.jspecify.annotations.Nullable;

/** Small devices that most guests want. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Devices(
    @Nullable @JsonPropertyDescription("Random numbers from the host: Enabled (default).")
        Toggle rng,
    @Nullable
        @JsonPropertyDescription("Memory balloon with free page reporting: Enabled (default).")
        Toggle balloon,
    @Nullable @JsonPropertyDescription("A watchdog (i6300esb); absent: Reset.") Watchdog watchdog,
    @Nullable @JsonPropertyDescription("The channel for qemu-guest-agent: Enabled (default).")
        Toggle guestAgent,
    @Nullable
        @JsonPropertyDescription(
            "Graphics card: Virtio (default on q35), VGA (default on pc); none without graphics.")
        Video video,
    @Nullable
        @JsonPropertyDescription("USB controller: Enabled (default with graphics), else Disabled.")
        Toggle usb) {

  /** A hardware watchdog. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Watchdog(
      @Nullable
          @JsonPropertyDescription("Reset (default), Poweroff, Pause, or None: no watchdog at all.")
          Action action) {
    public enum Action {
      Reset,
      Poweroff,
      Pause,
      None
    }
  }

  public enum Video {
    Virtio,
    VGA,
    QXL
  }
}
