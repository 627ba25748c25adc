package dev.lodge.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.hypervisor.HypervisorFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.libvirt.Error.ErrorDomain;
import org.libvirt.Error.ErrorNumber;

class FailureMapperTest {

  @ParameterizedTest
  @CsvSource({
    "VIR_ERR_NO_DOMAIN, NotFound",
    "VIR_ERR_NO_NETWORK, NotFound",
    "VIR_ERR_NO_CONNECT, Unavailable",
    "VIR_ERR_AUTH_FAILED, Denied",
    "VIR_ERR_ACCESS_DENIED, Denied",
    "VIR_ERR_DOM_EXIST, AlreadyExists",
    "VIR_ERR_CONFIG_UNSUPPORTED, Unsupported",
    "VIR_ERR_NO_SUPPORT, Unsupported",
    "VIR_ERR_XML_INVALID_SCHEMA, InvalidDefinition",
    "VIR_ERR_INVALID_ARG, InvalidDefinition",
    "VIR_ERR_OPERATION_INVALID, Busy",
    "VIR_ERR_OPERATION_TIMEOUT, Busy",
    "VIR_ERR_INTERNAL_ERROR, Failed",
    "VIR_ERR_SYSTEM_ERROR, Failed",
    "VIR_ERR_UNKNOWN, Failed",
  })
  void eachCodeHasItsFailure(ErrorNumber code, String failure) {
    HypervisorFailure mapped =
        FailureMapper.map(new LibvirtError(code, ErrorDomain.VIR_FROM_QEMU, "some words", 0));

    assertThat(mapped.getClass().getSimpleName()).isEqualTo(failure);
    assertThat(mapped.message()).isEqualTo("some words");
  }

  @Test
  void whoeverComesSecondIsToldSo() {
    LibvirtError name =
        new LibvirtError(
            ErrorNumber.VIR_ERR_OPERATION_FAILED,
            ErrorDomain.VIR_FROM_DOMAIN,
            "operation failed: domain 'a' already exists with uuid 1",
            0);
    LibvirtError active =
        new LibvirtError(
            ErrorNumber.VIR_ERR_OPERATION_INVALID,
            ErrorDomain.VIR_FROM_DOMAIN,
            "Requested operation is not valid: domain is already active as 'a'",
            0);

    assertThat(List.of(name, active))
        .allSatisfy(
            e ->
                assertThat(FailureMapper.map(e))
                    .isInstanceOf(HypervisorFailure.AlreadyExists.class));
  }

  @Test
  void everyErrorOfTheTransportLeavesTheOutcomeOpen() {
    LibvirtError e =
        new LibvirtError(
            ErrorNumber.VIR_ERR_SYSTEM_ERROR,
            ErrorDomain.VIR_FROM_RPC,
            "End of file while reading data: Input/output error",
            5);

    assertThat(FailureMapper.map(e).outcomeUnknown()).isTrue();
  }

  @Test
  void qemusLastWordsAreQuotedWithoutTheirTimeAndProgram() {
    LibvirtError e =
        new LibvirtError(
            ErrorNumber.VIR_ERR_INTERNAL_ERROR,
            ErrorDomain.VIR_FROM_QEMU,
            "internal error: process exited while connecting to monitor:"
                + " 2026-11-24T15:55:11.725199Z qemu-system-i386: warning: no lm\n"
                + "2026-11-24T15:55:11.8Z qemu-system-i386: could not load\u001b[31m PC BIOS 'x'",
            0);

    assertThat(FailureMapper.map(e))
        .isEqualTo(
            new HypervisorFailure.StartFailed(
                "QEMU ended at once", "warning: no lm\ncould not load?[31m PC BIOS 'x'"));
  }

  @Test
  void libvirtsOwnPrefixesAreTakenAway() {
    List<String> cleaned =
        List.of(
                "internal error: XML error: bad\u0007 thing.",
                "unsupported configuration: CPU mode 'x' is not supported",
                "Domain not found: no domain with matching name 'a'")
            .stream()
            .map(FailureMapper::clean)
            .toList();

    assertThat(cleaned)
        .containsExactly(
            "bad? thing",
            "CPU mode 'x' is not supported",
            "Domain not found: no domain with matching name 'a'");
  }

  @Test
  void aRefusedConnectionIsToldApartFromADaemonThatIsNotThere() {
    HypervisorFailure denied = connecting("Permission denied");
    HypervisorFailure absent = connecting("No such file or directory");
    HypervisorFailure dead = connecting("Connection refused");

    assertThat(denied).isInstanceOf(HypervisorFailure.Denied.class);
    assertThat(denied.message()).contains("group libvirt");
    assertThat(List.of(absent, dead))
        .allSatisfy(
            f -> {
              assertThat(f).isInstanceOf(HypervisorFailure.Unavailable.class);
              assertThat(f.message()).contains("libvirtd does not run");
            });
  }

  private static HypervisorFailure connecting(String words) {
    return FailureMapper.connecting(
        new LibvirtError(
            ErrorNumber.VIR_ERR_SYSTEM_ERROR,
            ErrorDomain.VIR_FROM_RPC,
            "Failed to connect socket to '/run/libvirt/libvirt-sock': " + words,
            0));
  }
}
