package dev.lodge.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lodge.cli.client.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputTest {
  private static JsonNode json(String text) throws IOException {
    return Json.read(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "00:00:00,0s",
    "00:01:59,119s",
    "00:02:00,2m",
    "00:05:30,5m30s",
    "00:59:59,59m",
    "02:59:59,179m",
    "05:30:00,5h30m",
    "23:00:00,23h"
  })
  void writesAgesAsKubectlDoes(String age, String expected) {
    Instant now = Instant.parse("2026-01-02T" + age + "Z");

    assertThat(Ages.since("2026-01-02T00:00:00Z", now)).isEqualTo(expected);
  }

  @Test
  void writesLongAndOddAges() {
    Instant now = Instant.parse("2026-01-10T05:00:00Z");

    assertThat(Ages.since("2026-01-08T00:00:00Z", now)).isEqualTo("2d5h");
    assertThat(Ages.since("2025-12-01T00:00:00Z", now)).isEqualTo("40d");
    assertThat(Ages.since("2026-01-10T05:00:09Z", now)).isEqualTo("0s");
    assertThat(Ages.since("", now)).isEqualTo("<unknown>");
  }

  @Test
  void makesControlsVisibleAndLeavesTheRest() {
    assertThat(Sanitizer.line("plain ä 日")).isEqualTo("plain ä 日");
    assertThat(Sanitizer.line("a\nb\tc\033]0;x\007\u009b"))
        .isEqualTo("a\\nb\\u0009c\\u001b]0;x\\u0007\\u009b");
    assertThat(Sanitizer.lines("a\nb\tc\r")).isEqualTo("a\nb\tc\\u000d");
    assertThat(Sanitizer.line("txt\u202egpj")).isEqualTo("txt\\u202egpj");
  }

  @Test
  void quotesYamlThatWouldReadAsSomethingElse() throws IOException {
    String yaml =
        Yaml.write(
            json(
                "{\"a\":\"yes\",\"b\":\"0x1\",\"c\":\"1e3\",\"d\":\"\",\"e\":\"- x\",\"f\":\"a\\nb\\n\",\"g\":null,\"h\":1.5,\"i\":{},\"j\":[],\"k\":\"a: b\",\"l\":\"\\u001b[1m\"}"));

    assertThat(yaml)
        .isEqualTo(
            """
            a: 'yes'
            b: '0x1'
            c: '1e3'
            d: ''
            e: '- x'
            f: |
              a
              b
            g: null
            h: 1.5
            i: {}
            j: []
            k: 'a: b'
            l: "\\e[1m"
            """);
  }

  @Test
  void staysQuietForASecondAndThenShowsEachStateOnce() {
    var time = new AtomicLong();
    var out = new ByteArrayOutputStream();
    try (var progress =
        new Progress(new PrintStream(out, true, StandardCharsets.UTF_8), false, time::get)) {
      progress.show("early");
      time.set(1_500_000_000L);
      progress.show("one");
      progress.show("one");
      progress.show("two");
    }

    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("one\ntwo\n");
  }

  @Test
  void takesItsLineOffATerminalAtTheEnd() {
    var time = new AtomicLong();
    var out = new ByteArrayOutputStream();
    try (var progress =
        new Progress(new PrintStream(out, true, StandardCharsets.UTF_8), true, time::get)) {
      time.set(3_000_000_000L);
      progress.show("a\033b");
    }

    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("\r\033[K| a\\u001bb (3 s)\r\033[K");
  }

  @ParameterizedTest
  @CsvSource({
    "21474836480, 20Gi",
    "20Gi, 20Gi",
    "1610612736, 1536Mi",
    "10737418752, 10.0Gi",
    "1048577Ki, 1.0Gi",
    "512, 512",
  })
  void tellsSizesInWords(String status, String told) throws IOException {
    JsonNode vm =
        json(
            """
            {"kind":"VirtualMachine","metadata":{"name":"web"},
             "spec":{"disks":[{"name":"root","source":{"blank":{}}}]},
             "status":{"disks":[{"name":"root","target":"vda","size":"%s"}]}}
            """
                .formatted(status));

    assertThat(new Describer(Instant.EPOCH).describe(vm, List.of()))
        .containsPattern("root +Disk +vda +" + told + " ");
  }

  @Test
  void describesAVmForPeople() throws IOException {
    JsonNode vm =
        json(
            """
            {"apiVersion":"lodge.dev/v1alpha1","kind":"VirtualMachine",
             "metadata":{"name":"web","namespace":"default","uid":"u1","labels":{"app":"web"},
              "creationTimestamp":"2026-01-01T00:00:00Z"},
             "spec":{"cpu":{"count":2},"memory":{"size":"1Gi"},
              "disks":[{"name":"root","source":{"imageRef":{"name":"debian"}}},
               {"name":"cd","device":"CDROM"}]},
             "status":{"phase":"Running","nodeName":"n1","startedAt":"2026-01-01T00:01:00Z",
              "hardware":{"machineType":"pc-q35-7.2","cpuModel":"qemu64","uuid":"u2"},
              "disks":[{"name":"root","target":"vda","size":"21474836480","format":"QCOW2","source":"/x"},
               {"name":"cloud-init","target":"sda"}],
              "interfaces":[{"name":"lan","network":"default/default","mac":"52:54:00:00:00:01",
               "ips":["10.0.0.2"],"source":"Given","target":"lt1","linkState":"Up"}],
              "restartAwaitingChanges":[{"path":"memory.size","current":"1Gi","desired":"2Gi"}],
              "operations":[{"id":"1","verb":"Reset","user":"root","time":"2026-01-01T00:02:00Z",
               "result":"Succeeded"}],
              "conditions":[{"type":"Accelerated","status":"False","reason":"Emulated",
               "message":"This CPU reports neither vmx nor svm, so the guest is emulated and slow; run it on a machine whose CPU has them.\\u001b[2J",
               "lastTransitionTime":"2026-01-01T00:01:00Z"}]}}
            """);
    JsonNode event =
        json(
            """
            {"type":"Normal","reason":"Started","message":"The guest was started.","count":3,
             "lastTimestamp":"2026-01-01T00:01:00Z"}
            """);

    String text = new Describer(Instant.parse("2026-01-01T00:04:00Z")).describe(vm, List.of(event));

    assertThat(text)
        .isEqualTo(
            """
            Name:       web
            Namespace:  default
            Labels:     app=web
            UID:        u1
            Created:    2026-01-01T00:00:00Z (4m)
            Phase:      Running
            Node:       n1
            Started:    2026-01-01T00:01:00Z (3m)
            Machine:
              Power state:     PoweredOn
              Restart policy:  OnFailure
              Hypervisor:      Auto
              Machine type:    pc-q35-7.2
              CPUs:            2 qemu64
              Memory:          1Gi
              Firmware:        BIOS
              UUID:            u2
            Disks:
              NAME         DEVICE        TARGET   SIZE     FORMAT   SOURCE
              root         Disk          vda      20Gi     QCOW2    /x
              cd           CDROM         <none>   <none>   <none>   <none>
              cloud-init   Lodge's own   sda      <none>   <none>   <none>
            Interfaces:
              NAME   NETWORK           MAC                 IPS        KNOWN BY   TARGET   LINK
              lan    default/default   52:54:00:00:00:01   10.0.0.2   Given      lt1      Up
            Conditions:
              Accelerated: False, Emulated (for 3m)
                  This CPU reports neither vmx nor svm, so the guest is emulated and slow; run it on a
                  machine whose CPU has them.\\u001b[2J
            Changes that await a restart:  lodge restart web
              FIELD         NOW   THEN
              memory.size   1Gi   2Gi
            Operations:
              VERB    AGE    BY     RESULT      MESSAGE
              Reset   2m     root   Succeeded
            Events:
              TYPE     REASON    AGE       MESSAGE
              Normal   Started   3m (x3)   The guest was started.
            """
                .replace("2m     root", "2m    root")
                .replace("AGE    BY", "AGE   BY"));
  }

  @Test
  void describesOtherKindsByTheirSpecAndStatus() throws IOException {
    JsonNode image =
        json(
            """
            {"apiVersion":"lodge.dev/v1alpha1","kind":"VmImage","metadata":{"name":"i","namespace":"d"},
             "spec":{"source":{"http":{"url":"http://x"}}},"status":{"observedGeneration":1,
             "digest":"sha256:1","conditions":[]}}
            """);

    assertThat(new Describer(Instant.EPOCH).describe(image, List.of()))
        .isEqualTo(
            """
            Name:       i
            Namespace:  d
            Kind:       VmImage
            Spec:
              source:
                http:
                  url: http://x
            Status:
              digest: sha256:1
            Events:  <none>
            """);
  }
}
