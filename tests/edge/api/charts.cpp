#include <catch2/catch.hpp>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::has_fields;
using vetchart::test::Json;
using vetchart::test::Reply;

TEST_CASE("api: an owner is made, read, changed and deleted in the legacy shapes", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    CHECK(has_fields(owner, {"id", "clinicId", "firstName", "lastName", "email", "phone", "address", "notes",
                             "createdAt", "updatedAt", "syncState"}));
    CHECK(owner["notes"] == "");
    CHECK(owner["syncState"] == "local");
    const std::string path = "/api/owners/" + owner["id"].get<std::string>();
    CHECK(node.get(path).json == owner);

    // "" and null both clear a nullable field, and are answered as "".
    const Reply changed = node.put(path, {{"email", ""}, {"phone", nullptr}, {"id", "x"}, {"taxRate", 1}});
    REQUIRE(changed.status == 200);
    CHECK(changed.json["email"] == "");
    CHECK(changed.json["phone"] == "");
    CHECK(changed.json["firstName"] == "Ximena");
    CHECK(node.number("SELECT count(*) FROM owner WHERE email IS NULL AND phone IS NULL") == 1);

    const Reply deleted = node.remove(path);
    CHECK(deleted.status == 200);
    CHECK(deleted.json["message"].is_string());
    CHECK(node.get(path).status == 404);
    CHECK(node.get("/api/owners").json == Json::array());
    CHECK(node.get("/api/owners?includeDeleted=true").json.size() == 1);
    CHECK(node.get(path + "?includeDeleted=true").json["deletedAt"].is_string());
    CHECK(node.send("POST", path + "/restore").status == 200);
    CHECK(node.get(path).status == 200);
    CHECK(node.remove(path + "?hard=true").status == 200);
    CHECK(node.get(path + "?includeDeleted=true").status == 404);
}

TEST_CASE("api: a patient embeds its owner, keeps its decimals and answers the gender capitalised", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const Json patient = node.new_patient(owner);
    CHECK(patient["gender"] == "Female");
    CHECK(patient["weight"] == 394.83);
    CHECK(patient["age"] == 7);
    CHECK(patient["assignedDoctor"] == "");
    CHECK(patient["handlingDifficulty"].is_null());
    CHECK(patient["owner"]["id"] == owner["id"]);
    const std::string path = "/api/patients/" + patient["id"].get<std::string>();

    const Reply bare =
        node.put(path, {{"age", nullptr}, {"weight", nullptr}, {"ownerId", nullptr}, {"gender", "MALE"}});
    REQUIRE(bare.status == 200);
    CHECK(bare.json["age"].is_null());
    CHECK(bare.json["weight"].is_null());
    CHECK(bare.json["owner"].is_null());
    CHECK(bare.json["gender"] == "Male");

    // The owner is embedded also when soft-deleted; the patient itself stays.
    node.put(path, {{"ownerId", owner["id"]}});
    node.remove("/api/owners/" + owner["id"].get<std::string>() + "?withPatients=keep");
    const Reply orphaned = node.get(path);
    REQUIRE(orphaned.status == 200);
    CHECK(orphaned.json["owner"]["deletedAt"].is_string());
    // An edit that leaves the deleted parent alone passes; a new child does not.
    CHECK(node.put(path, {{"name", "Sadie II"}, {"ownerId", owner["id"]}}).status == 200);
    const Reply child = node.post("/api/patients", {{"name", "Rex"}, {"species", "Dog"}, {"ownerId", owner["id"]}});
    CHECK(child.status == 422);
    CHECK(child.json["code"] == "parent_deleted");
    CHECK(child.json["fields"].contains("ownerId"));
}

TEST_CASE("api: records are listed by visit day and never move by a day", "[edge][api]") {
    ApiNode node;
    const Json patient = node.new_patient(node.new_owner());
    node.new_record(patient, "2025-03-01");
    const Json newest = node.new_record(patient, "2026-05-01T23:30:00.000Z");
    node.new_record(patient, "2025-12-31");
    CHECK(newest["visitDate"] == "2026-05-01");
    CHECK(newest["ownerNameSnapshot"] == "Ximena Young");
    const Json list = node.get("/api/records").json;
    REQUIRE(list.size() == 3);
    CHECK(list[0]["visitDate"] == "2026-05-01");
    CHECK(list[2]["visitDate"] == "2025-03-01");
    CHECK(list[0]["patient"]["name"] == "Sadie");
    CHECK(node.get("/api/records/patient/" + patient["id"].get<std::string>()).json == list);
    CHECK(node.get("/api/records/patient/nobody").json == Json::array());
    const std::string path = "/api/records/" + newest["id"].get<std::string>();
    const Reply changed =
        node.put(path, {{"visitDate", "2026-05-01"}, {"recordType", "dental"}, {"veterinarian", "Ä  Б"}});
    CHECK(changed.json["visitDate"] == "2026-05-01");
    CHECK(changed.json["recordType"] == "dental");
    CHECK(changed.json["veterinarian"] == "Ä  Б");
}

TEST_CASE("api: appointments embed the patient with its owner, latest first, unset times last", "[edge][api]") {
    ApiNode node;
    const Json patient = node.new_patient(node.new_owner());
    const auto make = [&](const char* date, const Json& time) {
        const Reply made = node.post("/api/appointments", {{"patientId", patient["id"]},
                                                           {"date", date},
                                                           {"time", time},
                                                           {"duration", 45},
                                                           {"reason", "Follow-up"},
                                                           {"veterinarian", ""}});
        INFO(made.body);
        REQUIRE(made.status == 201);
        return made.json;
    };
    make("2026-02-01", "09:00");
    make("2026-02-02", nullptr);
    const Json last = make("2026-02-02T00:00:00.000Z", "16:30");
    const Json list = node.get("/api/appointments").json;
    REQUIRE(list.size() == 3);
    CHECK(list[0]["time"] == "16:30");
    CHECK(list[1]["time"] == "");
    CHECK(list[2]["date"] == "2026-02-01");
    CHECK(list[0]["duration"] == 45);
    CHECK(list[0]["patient"]["owner"]["lastName"] == "Young");
    const std::string path = "/api/appointments/" + last["id"].get<std::string>();
    const Reply done = node.send("PATCH", path + "/status", Json{{"status", "completed"}});
    CHECK(done.status == 200);
    CHECK(done.json["status"] == "completed");
    CHECK(node.send("PATCH", path + "/status", Json{{"status", "lost"}}).status == 422);
    CHECK(node.send("PATCH", path + "/status", Json::object()).status == 422);
    CHECK(node.get(path).json["status"] == "completed");
    CHECK(node.remove(path).status == 200);
    CHECK(node.get("/api/appointments").json.size() == 2);
}

TEST_CASE("api: a PUT with what is stored writes nothing", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const Json patient = node.new_patient(owner);
    const Json record = node.new_record(patient);
    const Json bill = node.new_bill(owner, patient, {{"medicalRecordIds", {record["id"]}}});
    const auto before = node.logged();
    CHECK(node.put("/api/owners/" + owner["id"].get<std::string>(), owner).status == 200);
    CHECK(node.put("/api/patients/" + patient["id"].get<std::string>(), patient).status == 200);
    CHECK(node.put("/api/records/" + record["id"].get<std::string>(), record).status == 200);
    const Reply same = node.put("/api/bills/" + bill["id"].get<std::string>(), bill);
    INFO(same.body);
    CHECK(same.status == 200);
    CHECK(node.logged() == before);
}

TEST_CASE("api: a stale If-Match gets both images and changes nothing", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const std::string path = "/api/owners/" + owner["id"].get<std::string>();
    const std::string tag = node.get(path).header("ETag");
    REQUIRE(tag.size() > 10);
    const Reply first = node.send("PUT", path, Json{{"notes", "first"}}, "admin", {{"If-Match", tag}});
    REQUIRE(first.status == 200);
    CHECK(first.header("ETag") != tag);
    const Reply second = node.send("PUT", path, Json{{"notes", "second"}}, "admin", {{"If-Match", tag}});
    CHECK(second.status == 409);
    CHECK(second.json["code"] == "stale");
    CHECK(second.json["mine"]["notes"] == "second");
    CHECK(second.json["current"]["notes"] == "first");
    CHECK(node.get(path).json["notes"] == "first");
    CHECK(node.send("PUT", path, Json{{"notes", "third"}}, "admin", {{"If-Match", first.header("ETag")}}).status ==
          200);
}

TEST_CASE("api: merged owners leave their patients and bills to the survivor", "[edge][api]") {
    ApiNode node;
    const Json loser = node.new_owner("Loser");
    const Json survivor = node.new_owner("Survivor");
    const Json patient = node.new_patient(loser);
    const Json bill = node.new_bill(loser, patient);
    const std::string path = "/api/owners/" + loser["id"].get<std::string>();
    CHECK(node.post(path + "/merge", {{"into", loser["id"]}}).status == 422);
    const Reply merged = node.post(path + "/merge", {{"into", survivor["id"]}});
    REQUIRE(merged.status == 200);
    CHECK(merged.json["id"] == survivor["id"]);
    CHECK(node.get("/api/patients/" + patient["id"].get<std::string>()).json["ownerId"] == survivor["id"]);
    CHECK(node.get("/api/bills/owner/" + survivor["id"].get<std::string>()).json.size() == 1);
    CHECK(node.get(path).status == 404);
    CHECK(node.get(path + "?includeDeleted=true").json["mergedInto"] == survivor["id"]);
    const Reply back = node.send("POST", path + "/restore");
    CHECK(back.status == 200);
    CHECK(back.json["mergedInto"].is_null());
    CHECK(bill["ownerId"] == loser["id"]);
}

TEST_CASE("api: the dashboard counts the clinic's day", "[edge][api]") {
    // 2026-03-01 03:00 UTC is still the 28th of February in New York.
    ApiNode node(ApiNode::State::set_up, [](vetchart::edge::ApiOptions& options) {
        options.now = [] { return *vetchart::parse_utc("2026-03-01T03:00:00.000Z"); };
    });
    node.put("/api/clinic", {{"timezone", "America/New_York"}});
    const Json patient = node.new_patient(node.new_owner());
    node.new_record(patient);
    for (const char* day : {"2026-02-28", "2026-03-01"}) {
        node.post("/api/appointments", {{"patientId", patient["id"]}, {"date", day}, {"reason", "Check"}});
    }
    node.post("/api/appointments",
              {{"patientId", patient["id"]}, {"date", "2026-02-28"}, {"reason", "No"}, {"status", "cancelled"}});
    const Json stats = node.get("/api/dashboard/stats").json;
    CHECK(stats["totalPatients"] == 1);
    CHECK(stats["totalOwners"] == 1);
    CHECK(stats["todayAppointments"] == 1);
    REQUIRE(stats["recentRecords"].size() == 1);
    CHECK(stats["recentRecords"][0]["patient"]["name"] == "Sadie");
}

TEST_CASE("api: a price that is deleted is no longer offered", "[edge][api]") {
    ApiNode node;
    const Reply made = node.post("/api/service-items", {{"description", "Exam"}, {"unitPrice", 55.005}}, "staff");
    REQUIRE(made.status == 201);
    CHECK(made.json["unitPrice"] == 55.01);
    CHECK(made.json["active"] == true);
    const std::string path = "/api/service-items/" + made.json["id"].get<std::string>();
    CHECK(node.put(path, {{"unitPrice", 60}}).json["unitPrice"] == 60);
    CHECK(node.remove(path).status == 200);
    CHECK(node.get("/api/service-items").json == Json::array());
    CHECK(node.put(path, {{"active", true}}).status == 200);
    CHECK(node.get("/api/service-items").json.size() == 1);
}

TEST_CASE("api: a row that still has children is not deleted for good", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const Json patient = node.new_patient(owner);
    node.new_record(patient);
    const Reply refused = node.remove("/api/patients/" + patient["id"].get<std::string>() + "?hard=true");
    CHECK(refused.status == 409);
    CHECK(refused.json["code"] == "still_referenced");
    // An owner without bills goes, and the patient keeps no owner.
    const std::string hard = "/api/owners/" + owner["id"].get<std::string>() + "?hard=true";
    CHECK(node.remove(hard).json["code"] == "has_patients");
    CHECK(node.remove(hard + "&withPatients=keep").status == 200);
    CHECK(node.get("/api/patients/" + patient["id"].get<std::string>()).json["ownerId"].is_null());
}

TEST_CASE("api: an owner with living patients is not deleted by one click", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const Json patient = node.new_patient(owner), other = node.new_patient(owner);
    const std::string path = "/api/owners/" + owner["id"].get<std::string>();
    const Reply refused = node.remove(path, "staff");
    CHECK(refused.status == 409);
    CHECK(refused.json["code"] == "has_patients");
    CHECK(refused.json["message"].get<std::string>().starts_with("Cannot delete an owner with living patients (2)."));
    CHECK(node.get(path).json["deletedAt"].is_null());
    CHECK(node.remove(path + "?withPatients=drop", "staff").status == 409);
    INFO("one that died, and one that is hidden, keep nobody");
    node.put("/api/patients/" + patient["id"].get<std::string>(), {{"deceasedOn", "2026-01-01"}});
    node.remove("/api/patients/" + other["id"].get<std::string>());
    CHECK(node.remove(path, "staff").status == 200);
    const Json second = node.new_owner("Second");
    node.new_patient(second);
    CHECK(node.remove("/api/owners/" + second["id"].get<std::string>() + "?withPatients=keep", "staff").status == 200);
}

TEST_CASE("api: a record's answers embed the patient with its owner", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner("Young");
    const Json patient = node.new_patient(owner);
    const Json record = node.new_record(patient);
    const std::string id = record["id"], of_patient = patient["id"];
    CHECK(record["patient"]["owner"]["lastName"] == "Young");
    for (const std::string path : {"/api/records", "/api/records?limit=5", "/api/records?q=young"}) {
        INFO(path);
        CHECK(node.get(path).json.at(0)["patient"]["owner"]["id"] == owner["id"]);
    }
    CHECK(node.get("/api/records/patient/" + of_patient).json.at(0)["patient"]["owner"]["id"] == owner["id"]);
    CHECK(node.get("/api/records/" + id).json["patient"]["owner"]["id"] == owner["id"]);
    CHECK(node.put("/api/records/" + id, {{"notes", "n"}}).json["patient"]["owner"]["id"] == owner["id"]);
    CHECK(node.get("/api/dashboard/stats").json["recentRecords"][0]["patient"]["owner"]["id"] == owner["id"]);
    node.put("/api/patients/" + of_patient, {{"ownerId", nullptr}});
    CHECK(node.get("/api/records/" + id).json["patient"]["owner"].is_null());
}

TEST_CASE("api: a weight or a quantity of nothing is told as what it must be", "[edge][api]") {
    ApiNode node;
    const Json owner = node.new_owner();
    const Json patient = node.new_patient(owner);
    for (const Json& weight : {Json(0), Json(0.0), Json(-3)}) {
        const Reply refused = node.put("/api/patients/" + patient["id"].get<std::string>(), {{"weight", weight}});
        CHECK(refused.status == 422);
        CHECK(refused.json["fields"]["weight"] == "Weight must be more than 0.");
        CHECK(refused.json["fieldCodes"]["weight"]["code"] == "positive");
    }
    const Reply record = node.post("/api/records", {{"patientId", patient["id"]}, {"weight", 0}});
    CHECK(record.json["fields"]["weight"] == "Weight must be more than 0.");
}
