package dev.lodge.agent.apiserver;

import static dev.lodge.agent.apiserver.ApiHarness.VMS;
import static dev.lodge.agent.apiserver.ApiHarness.vm;
import static dev.lodge.agent.apiserver.ApiHarness.vmKey;
import static dev.lodge.agent.apiserver.ApiHarness.vmTree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectsTest {
  private static final String TABLE = "Accept: application/json;as=Table;v=v1;g=meta.k8s.io";
  private static final String MERGE = "Content-Type: application/merge-patch+json";

  @TempDir Path dir;
  private ApiHarness api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiHarness(dir);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void whatWasCreatedIsListedAndRead() throws IOException {
    RawHttp.Answer created = api.call("POST", VMS, vm("a"));

    assertThat(created.code()).isEqualTo(201);
    assertThat(created.json().at("/metadata/uid").asText()).isNotEmpty();
    JsonNode list = api.get(VMS).json();
    assertThat(list.path("kind").asText()).isEqualTo("VirtualMachineList");
    assertThat(list.at("/metadata/resourceVersion").asLong()).isPositive();
    assertThat(list.path("items").findValuesAsText("name")).containsExactly("a");
    JsonNode one = api.get(VMS + "/a").json();
    assertThat(one).isEqualTo(created.json());
  }

  @Test
  void aSecondOfTheNameIsAConflict() throws IOException {
    api.call("POST", VMS, vm("a"));

    RawHttp.Answer again = api.call("POST", VMS, vm("a"));

    assertThat(again.code()).isEqualTo(409);
    assertThat(again.json().path("reason").asText()).isEqualTo("AlreadyExists");
    assertThat(again.json().path("message").asText())
        .isEqualTo("virtualmachines.lodge.dev \"a\" already exists");
  }

  @Test
  void anUnknownFieldIsRefusedByNameWithItsCause() throws IOException {
    RawHttp.Answer answer = api.call("POST", VMS, vm("a").replace("\"cpu\"", "\"cpus\""));

    assertThat(answer.code()).isEqualTo(422);
    JsonNode status = answer.json();
    assertThat(status.path("reason").asText()).isEqualTo("Invalid");
    assertThat(status.at("/details/kind").asText()).isEqualTo("VirtualMachine");
    assertThat(status.at("/details/causes"))
        .anySatisfy(
            c -> {
              assertThat(c.path("field").asText()).isEqualTo("spec.cpus");
              assertThat(c.path("message").asText()).contains("cpu");
            });
    assertThat(api.get(VMS + "/a").code()).isEqualTo(404);
  }

  @Test
  void metadataThatAnAgentAloneDoesNotKeepIsRefused() throws IOException {
    RawHttp.Answer answer =
        api.call("POST", VMS, vm("a").replace("\"labels\"", "\"finalizers\":[\"x\"],\"labels\""));

    assertThat(answer.code()).isEqualTo(422);
    assertThat(answer.json().at("/details/causes/0/field").asText())
        .isEqualTo("metadata.finalizers");
  }

  @Test
  void aDryRunAnswersAndWritesNothing() throws IOException {
    RawHttp.Answer created = api.call("POST", VMS + "?dryRun=All", vm("a"));

    assertThat(created.code()).isEqualTo(201);
    assertThat(api.get(VMS).json().path("items")).isEmpty();

    api.call("POST", VMS, vm("a"));
    RawHttp.Answer patched =
        api.call("PATCH", VMS + "/a?dryRun=All", "{\"spec\":{\"cpu\":{\"count\":4}}}", MERGE);
    assertThat(patched.json().at("/spec/cpu/count").asInt()).isEqualTo(4);
    assertThat(patched.json().at("/metadata/generation").asInt()).isEqualTo(2);
    RawHttp.Answer deleted = api.call("DELETE", VMS + "/a?dryRun=All", "");
    assertThat(deleted.code()).isEqualTo(200);
    JsonNode after = api.get(VMS + "/a").json();
    assertThat(after.at("/spec/cpu/count").asInt()).isEqualTo(2);
    assertThat(after.at("/metadata").has("deletionTimestamp")).isFalse();
  }

  @Test
  void anUpdateWithAnOldVersionIsAConflictAndWithNoneReplaces() throws IOException {
    ObjectNode read = (ObjectNode) api.call("POST", VMS, vm("a")).json();
    ObjectNode changed = read.deepCopy();
    changed.withObjectProperty("spec").withObjectProperty("cpu").put("count", 3);

    assertThat(api.call("PUT", VMS + "/a", changed.toString()).code()).isEqualTo(200);

    changed.withObjectProperty("spec").withObjectProperty("cpu").put("count", 4);
    RawHttp.Answer stale = api.call("PUT", VMS + "/a", changed.toString());
    assertThat(stale.code()).isEqualTo(409);
    assertThat(stale.json().path("reason").asText()).isEqualTo("Conflict");
    changed.withObjectProperty("metadata").remove("resourceVersion");
    assertThat(api.call("PUT", VMS + "/a", changed.toString()).json().at("/spec/cpu/count").asInt())
        .isEqualTo(4);
    changed.withObjectProperty("metadata").put("uid", "another");
    assertThat(api.call("PUT", VMS + "/a", changed.toString()).code()).isEqualTo(409);
  }

  @Test
  void anUpdateThatChangesNothingKeepsTheVersion() throws IOException {
    JsonNode read = api.call("POST", VMS, vm("a")).json();

    JsonNode same = api.call("PUT", VMS + "/a", read.toString()).json();

    assertThat(same.at("/metadata/resourceVersion"))
        .isEqualTo(read.at("/metadata/resourceVersion"));
  }

  @Test
  void whatTheServerAddsToMetadataIsNoChangeWhetherItIsSentBackOrNot() throws IOException {
    JsonNode made = api.call("POST", VMS, vm("a")).json();
    api.store.handMade(vmTree("hand"), "/etc/lodge/manifests/hand.yaml");

    assertThat(made.at("/metadata/finalizers")).isNotEmpty();
    JsonNode same = api.call("PUT", VMS + "/a", vm("a")).json();
    assertThat(same).isEqualTo(made);
    assertThat(api.call("PUT", VMS + "/hand", vm("hand")).code()).isEqualTo(200);
    RawHttp.Answer other =
        api.call("PATCH", VMS + "/a", "{\"metadata\":{\"finalizers\":[\"x\"]}}", MERGE);
    assertThat(other.code()).isEqualTo(422);
  }

  @Test
  void aMergePatchSetsAndRemoves() throws IOException {
    api.call("POST", VMS, vm("a"));

    RawHttp.Answer patched =
        api.call(
            "PATCH",
            VMS + "/a",
            "{\"metadata\":{\"labels\":{\"app\":null,\"tier\":\"front\"}},"
                + "\"spec\":{\"memory\":{\"size\":\"2Gi\"}}}",
            MERGE);

    assertThat(patched.code()).isEqualTo(200);
    assertThat(patched.json().at("/metadata/labels").toString()).isEqualTo("{\"tier\":\"front\"}");
    assertThat(patched.json().at("/spec/memory/size").asText()).isEqualTo("2Gi");
    assertThat(patched.json().at("/spec/cpu/count").asInt()).isEqualTo(2);
  }

  @Test
  void aJsonPatchAppliesInOrderOrNotAtAll() throws IOException {
    api.call("POST", VMS, vm("a"));
    String type = "Content-Type: application/json-patch+json";

    RawHttp.Answer patched =
        api.call(
            "PATCH",
            VMS + "/a",
            "[{\"op\":\"test\",\"path\":\"/spec/cpu/count\",\"value\":2},"
                + "{\"op\":\"replace\",\"path\":\"/spec/cpu/count\",\"value\":5},"
                + "{\"op\":\"add\",\"path\":\"/metadata/labels/x~1y\",\"value\":\"z\"}]",
            type);
    RawHttp.Answer failed =
        api.call(
            "PATCH",
            VMS + "/a",
            "[{\"op\":\"replace\",\"path\":\"/spec/cpu/count\",\"value\":6},"
                + "{\"op\":\"test\",\"path\":\"/spec/cpu/count\",\"value\":7}]",
            type);

    assertThat(patched.json().at("/metadata/labels/x~1y").asText()).isEqualTo("z");
    assertThat(failed.code()).isEqualTo(422);
    assertThat(api.get(VMS + "/a").json().at("/spec/cpu/count").asInt()).isEqualTo(5);
  }

  @Test
  void otherPatchesAreUnsupportedMediaTypesWithTheMend() throws IOException {
    api.call("POST", VMS, vm("a"));

    RawHttp.Answer apply =
        api.call("PATCH", VMS + "/a", "{}", "Content-Type: application/apply-patch+yaml");
    RawHttp.Answer strategic =
        api.call("PATCH", VMS + "/a", "{}", "Content-Type: application/strategic-merge-patch+json");

    assertThat(apply.code()).isEqualTo(415);
    assertThat(apply.json().path("message").asText()).contains("without --server-side");
    assertThat(strategic.code()).isEqualTo(415);
    assertThat(strategic.json().path("message").asText()).contains("--type=merge");
  }

  @Test
  void aDeletedObjectIsShownDeletingUntilItIsGone() throws IOException {
    JsonNode made = api.call("POST", VMS, vm("a")).json();
    String uid = made.at("/metadata/uid").asText();

    RawHttp.Answer wrong =
        api.call("DELETE", VMS + "/a", "{\"preconditions\":{\"uid\":\"another\"}}");
    RawHttp.Answer deleted =
        api.call("DELETE", VMS + "/a", "{\"preconditions\":{\"uid\":\"" + uid + "\"}}");

    assertThat(wrong.code()).isEqualTo(409);
    assertThat(deleted.code()).isEqualTo(200);
    assertThat(deleted.json().at("/metadata/deletionTimestamp").asText()).isNotEmpty();
    assertThat(api.get(VMS + "/a").code()).isEqualTo(200);
    assertThat(api.call("DELETE", VMS + "/a", "").code()).isEqualTo(200);
    api.store.finish(vmKey("a"), uid);
    RawHttp.Answer gone = api.get(VMS + "/a");
    assertThat(gone.code()).isEqualTo(404);
    assertThat(gone.json().path("message").asText())
        .isEqualTo("virtualmachines.lodge.dev \"a\" not found");
  }

  @Test
  void ofAFileMadeByHandOnlyThePowerStateCanBeChanged() throws IOException {
    api.store.handMade(vmTree("a"), "/etc/lodge/manifests/a.yaml");

    RawHttp.Answer started =
        api.call("PATCH", VMS + "/a", "{\"spec\":{\"powerState\":\"PoweredOn\"}}", MERGE);
    RawHttp.Answer edited =
        api.call("PATCH", VMS + "/a", "{\"spec\":{\"cpu\":{\"count\":8}}}", MERGE);
    RawHttp.Answer dry =
        api.call("PATCH", VMS + "/a?dryRun=All", "{\"spec\":{\"cpu\":{\"count\":8}}}", MERGE);
    RawHttp.Answer deleted = api.call("DELETE", VMS + "/a", "");

    assertThat(started.json().at("/spec/powerState").asText()).isEqualTo("PoweredOn");
    assertThat(edited.code()).isEqualTo(403);
    assertThat(edited.json().path("message").asText()).contains("edit /etc/lodge/manifests/a.yaml");
    assertThat(dry.code()).isEqualTo(403);
    assertThat(deleted.code()).isEqualTo(403);
    assertThat(deleted.json().path("message").asText())
        .contains("remove /etc/lodge/manifests/a.yaml");
  }

  @Test
  void statusIsReadButNotWritten() throws IOException {
    api.call("POST", VMS, vm("a"));

    assertThat(api.get(VMS + "/a/status").code()).isEqualTo(200);
    assertThat(api.call("PUT", VMS + "/a/status", vm("a")).code()).isEqualTo(403);
    RawHttp.Answer put =
        api.call(
            "PUT",
            VMS + "/a",
            vm("a").replace("\"spec\"", "\"status\":{\"phase\":\"X\"},\"spec\""));
    assertThat(put.code()).isEqualTo(200);
    assertThat(put.json().has("status")).isFalse();
  }

  @Test
  void tablesHaveTheColumnsOfTheCrd() throws IOException {
    api.call("POST", VMS, vm("a"));

    JsonNode table = api.get(VMS, TABLE).json();
    JsonNode one = api.get(VMS + "/a?includeObject=Object", TABLE).json();

    assertThat(table.path("kind").asText()).isEqualTo("Table");
    assertThat(table.path("columnDefinitions").findValuesAsText("name"))
        .startsWith("Name")
        .contains("Phase", "Age", "Reason");
    JsonNode row = table.at("/rows/0");
    assertThat(row.path("cells")).hasSameSizeAs(table.path("columnDefinitions"));
    assertThat(row.at("/cells/0").asText()).isEqualTo("a");
    assertThat(row.at("/object/kind").asText()).isEqualTo("PartialObjectMetadata");
    assertThat(one.at("/rows/0/object/kind").asText()).isEqualTo("VirtualMachine");
  }

  @Test
  void selectorsSelect() throws IOException {
    api.call("POST", VMS, vm("a"));
    api.call("POST", VMS, vm("b").replace("\"web\"", "\"db\""));

    assertThat(names("?labelSelector=app%3Dweb")).containsExactly("a");
    assertThat(names("?labelSelector=app%21%3Dweb")).containsExactly("b");
    assertThat(names("?labelSelector=app%20in%20(web,db)")).containsExactly("a", "b");
    assertThat(names("?labelSelector=app+notin+(web),app")).containsExactly("b");
    assertThat(names("?labelSelector=%21app")).isEmpty();
    assertThat(names("?fieldSelector=metadata.name%3Db")).containsExactly("b");
    assertThat(names("?fieldSelector=metadata.name!=b,metadata.namespace=default"))
        .containsExactly("a");
    RawHttp.Answer unknown = api.get(VMS + "?fieldSelector=spec.color%3Dred");
    assertThat(unknown.code()).isEqualTo(400);
    assertThat(unknown.json().path("message").asText())
        .startsWith("field label not supported: spec.color");
    assertThat(api.get(VMS + "?labelSelector=a%20b%20c").code()).isEqualTo(400);
  }

  private java.util.List<String> names(String query) throws IOException {
    return api.get(VMS + query).json().path("items").findValuesAsText("name");
  }

  @Test
  void kindNameAndNamespaceMustBeThoseOfThePath() throws IOException {
    assertThat(api.call("POST", VMS, vm("a").replace("\"VirtualMachine\"", "\"VmImage\"")).code())
        .isEqualTo(400);
    assertThat(api.call("POST", VMS, vm("a").replace("\"default\"", "\"other\"")).code())
        .isEqualTo(400);
    api.call("POST", VMS, vm("a"));
    assertThat(api.call("PUT", VMS + "/a", vm("b")).code()).isEqualTo(400);
    assertThat(
            api.call("POST", VMS, vm("a").replace("\"name\":\"a\"", "\"generateName\":\"web-\""))
                .json()
                .at("/metadata/name")
                .asText())
        .matches("web-[a-z0-9]{5}");
  }

  @Test
  void namespacesExistByUse() throws IOException {
    api.call(
        "POST", VMS.replace("default", "team-a"), vm("a").replace("\"default\"", "\"team-a\""));

    JsonNode list = api.get("/api/v1/namespaces").json();

    assertThat(list.path("items").findValuesAsText("name")).containsExactly("default", "team-a");
    assertThat(api.get("/api/v1/namespaces/team-a").code()).isEqualTo(200);
    assertThat(api.get("/api/v1/namespaces/none").code()).isEqualTo(404);
    assertThat(api.call("POST", "/api/v1/namespaces", "{}").code()).isEqualTo(405);
  }
}
