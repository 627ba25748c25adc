package dev.lodge.domain.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceAddressTest {

  @Test
  void a_text_is_read_back_as_the_address_it_was_made_from() {
    for (DeviceAddress address :
        List.of(
            new DeviceAddress.Pci(0, 0x1f, 0x1d, 7),
            new DeviceAddress.Drive(0, 1, 2, 3),
            new DeviceAddress.VirtioSerial(0, 0, 30),
            new DeviceAddress.Usb(0, 15))) {
      assertThat(DeviceAddress.parse(address.text())).isEqualTo(address);
    }
    assertThat(new DeviceAddress.Pci(0, 0x1f, 0x1d, 7).text()).isEqualTo("pci:0000:1f:1d.7");
  }

  @Test
  void any_other_text_is_an_illegal_argument() {
    for (String text :
        List.of(
            "",
            "pci",
            "pci:0",
            "pci:0000:00:01.x",
            "drive:0:0:0",
            "usb:-1:2",
            "usb:0:1:2",
            "x:1")) {
      assertThatThrownBy(() -> DeviceAddress.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
