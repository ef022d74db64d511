// Every path of the existing server's API, asked as its web pages ask: same paths, same shapes, nothing null where the
// pages call a method on the value, days that come back as they were sent.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/edge/api/fixture.h"

using vetchart::test::ApiNode;
using vetchart::test::has_fields;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

std::string id_of(const Json& row) { return row["id"].get<std::string>(); }

/// Requires that POST, GET and the list answer the same row.
Json made(ApiNode& node, const std::string& path, const Json& body) {
    const Reply created = node.post(path, body);
    INFO(path << ' ' << created.body);
    REQUIRE(created.status == 201);
    const Reply list = node.get(path);
    REQUIRE(list.status == 200);
    REQUIRE(list.json.is_array());
    CHECK(std::count(list.json.begin(), list.json.end(), created.json) == 1);
    CHECK(node.get(path + "/" + id_of(created.json)).json == created.json);
    return created.json;
}

Json changed(ApiNode& node, const std::string& path, const Json& body) {
    const Reply reply = node.put(path, body);
    INFO(path << ' ' << reply.body);
    REQUIRE(reply.status == 200);
    return reply.json;
}

void check_deleted(ApiNode& node, const std::string& path) {
    const Reply reply = node.remove(path);
    CHECK(reply.status == 200);
    CHECK(reply.json["message"].is_string());
    CHECK(node.get(path).status == 404);
}

bool starts_with_day(const Json& value, const std::string& day) {
    return value.is_string() && value.get<std::string>().starts_with(day);
}

struct Chart {
    Json owner, patient;
};

Chart make_chart(ApiNode& node) {
    Chart chart;
    chart.owner = made(node, "/api/owners",
                       {{"firstName", "Ximena"},
                        {"lastName", "Young"},
                        {"email", "x@mail.example"},
                        {"phone", "+1-555-2202"},
                        {"address", "77 Main St"},
                        {"notes", ""}});
    chart.patient = made(node, "/api/patients",
                         {{"name", "Sadie"},
                          {"species", "Horse"},
                          {"breed", "Quarter Horse"},
                          {"age", nullptr},
                          {"gender", "female"},
                          {"weight", 394.83},
                          {"weightUnit", "kg"},
                          {"ownerId", chart.owner["id"]},
                          {"assignedDoctor", ""},
                          {"status", "active"},
                          {"handlingDifficulty", ""},
                          {"owner", "ignored"}});
    return chart;
}

}  // namespace

TEST_CASE("legacy: a login gives a token and the user; without one every path is closed", "[edge][api][legacy]") {
    ApiNode node;
    const Reply login =
        node.post("/api/auth/login", {{"username", "vet@vetchart.example"}, {"password", ApiNode::kPassword}}, "");
    REQUIRE(login.status == 200);
    CHECK(login.json["token"].is_string());
    const Json me = node.get("/api/auth/me", "vet").json;
    CHECK(login.json["user"] == me);
    CHECK(has_fields(me, {"id", "username", "email", "firstName", "lastName", "roles", "createdAt"}));
    CHECK(me["roles"] == Json::array({"veterinarian"}));
    CHECK_FALSE(me.contains("password"));
    CHECK(node.post("/api/auth/login", {{"username", "vet@vetchart.example"}, {"password", "wrong"}}, "").status ==
          401);
    for (const char* path : {"/api/auth/me", "/api/owners", "/api/patients", "/api/records", "/api/appointments",
                             "/api/bills", "/api/dashboard/stats"}) {
        INFO(path);
        CHECK(node.get(path, "").status == 401);
        CHECK(node.send("GET", path, nullptr, "", {{"Authorization", "Bearer bad"}}).status == 403);
    }
}

TEST_CASE("legacy: owners and patients keep their shapes", "[edge][api][legacy]") {
    ApiNode node;
    const auto [owner, patient] = make_chart(node);
    for (const char* name : {"email", "phone", "address", "notes", "createdAt"}) CHECK(owner[name].is_string());
    CHECK(patient["gender"] == "Female");
    CHECK(patient["weight"] == 394.83);
    CHECK(patient["assignedDoctor"] == "");
    CHECK(patient["owner"]["id"] == owner["id"]);
    const std::string path = "/api/owners/" + id_of(owner);
    const Json cleared = changed(node, path, {{"phone", ""}, {"notes", nullptr}, {"email", ""}});
    for (const char* name : {"email", "phone", "notes"}) CHECK(cleared[name] == "");
    CHECK(changed(node, "/api/patients/" + id_of(patient), {{"name", "Sady"}, {"gender", "MALE"}})["gender"] == "Male");
    // With a patient the old server answered 400 here.
    CHECK(node.remove(path).status == 409);
    CHECK(node.remove(path + "?withPatients=keep").status == 200);
    CHECK(node.get(path).status == 404);
    CHECK(node.get("/api/patients/" + id_of(patient)).json["owner"]["id"] == owner["id"]);
    check_deleted(node, "/api/patients/" + id_of(patient));
}

TEST_CASE("legacy: records and appointments keep their shapes, and no day moves", "[edge][api][legacy]") {
    ApiNode node;
    const auto [owner, patient] = make_chart(node);
    const Json record = made(node, "/api/records",
                             {{"patientId", patient["id"]},
                              {"visitDate", "2026-03-29"},
                              {"recordType", "vaccine"},
                              {"symptoms", ""},
                              {"diagnosis", "Healthy"},
                              {"treatment", "DHPP"},
                              {"notes", ""},
                              {"veterinarian", "J Lee"}});
    CHECK(starts_with_day(record["visitDate"], "2026-03-29"));
    CHECK(record["patient"]["id"] == patient["id"]);
    const std::string of_patient = "/api/records/patient/" + id_of(patient);
    CHECK(node.get(of_patient).json == Json::array({record}));
    const Json moved = changed(node, "/api/records/" + id_of(record), {{"visitDate", "2026-01-01"}});
    CHECK(starts_with_day(moved["visitDate"], "2026-01-01"));
    // A browser's datetime-local has no zone, and no seconds.
    for (const char* local : {"2026-03-29T23:45", "2026-03-29T23:45:10"}) {
        const Json again = changed(node, "/api/records/" + id_of(record), {{"visitDate", local}});
        CHECK(starts_with_day(again["visitDate"], "2026-03-29"));
    }

    const Json slot = made(node, "/api/appointments",
                           {{"patientId", patient["id"]},
                            {"date", "2026-10-25"},
                            {"time", "09:05"},
                            {"duration", 30},
                            {"reason", "Check"},
                            {"notes", ""},
                            {"veterinarian", ""},
                            {"status", "scheduled"}});
    CHECK(starts_with_day(slot["date"], "2026-10-25"));
    CHECK(slot["time"] == "09:05");
    CHECK(slot["duration"] == 30);
    CHECK(slot["veterinarian"] == "");
    CHECK(slot["patient"]["owner"]["id"] == owner["id"]);
    const std::string path = "/api/appointments/" + id_of(slot);
    const Json iso = changed(node, path, {{"date", "2026-12-31T00:00:00.000Z"}, {"time", ""}});
    CHECK(starts_with_day(iso["date"], "2026-12-31"));
    CHECK(iso["time"] == "");
    const Reply status = node.send("PATCH", path + "/status", {{"status", "no-show"}});
    CHECK(status.status == 200);
    CHECK(status.json["status"] == "no-show");
    CHECK(node.send("PATCH", path + "/status", {{"status", "nonsense"}}).status == 422);
    check_deleted(node, path);
}

TEST_CASE("legacy: bills keep their shapes, amounts with noise and a bill of nothing included", "[edge][api][legacy]") {
    ApiNode node;
    const auto [owner, patient] = make_chart(node);
    const Json record = node.new_record(patient);
    const Json bill = made(node, "/api/bills",
                           {{"ownerId", owner["id"]},
                            {"patientId", patient["id"]},
                            {"appointmentId", ""},
                            {"medicalRecordIds", {record["id"]}},
                            {"items",
                             {{{"id", "1"},
                               {"description", "Exam"},
                               {"quantity", 3},
                               {"unitPrice", 0.1},
                               {"totalPrice", 0.30000000000000004}}}},
                            {"subtotal", 0.30000000000000004},
                            {"tax", 0.03},
                            {"taxRate", 10},
                            {"totalAmount", 0.33},
                            {"status", "draft"},
                            {"billDate", "2026-02-28"},
                            {"dueDate", "2026-03-31"},
                            {"notes", ""}});
    CHECK(bill["billNumber"].is_string());
    CHECK(bill["totalAmount"] == 0.33);
    CHECK(bill["items"][0]["totalPrice"] == 0.3);
    CHECK(bill["medicalRecordIds"] == Json::array({record["id"]}));
    CHECK(bill["medicalRecords"][0]["id"] == record["id"]);
    CHECK(bill["appointment"].is_null());
    CHECK(starts_with_day(bill["billDate"], "2026-02-28"));
    CHECK(starts_with_day(bill["dueDate"], "2026-03-31"));
    CHECK(node.get("/api/bills/owner/" + id_of(owner)).json == Json::array({bill}));
    CHECK(node.get("/api/bills/patient/" + id_of(patient)).json == Json::array({bill}));
    Json whole = bill;
    whole["status"] = "sent";
    const Json sent = changed(node, "/api/bills/" + id_of(bill), whole);
    CHECK(sent["status"] == "overdue");  // shown so at once: it was due in the past
    CHECK(changed(node, "/api/bills/" + id_of(bill), sent)["status"] == "overdue");
    CHECK(node.number("SELECT count(*) FROM bill WHERE status='sent'") == 1);
    const Json nothing = made(node, "/api/bills",
                              {{"ownerId", owner["id"]},
                               {"patientId", patient["id"]},
                               {"items", Json::array()},
                               {"subtotal", 0},
                               {"tax", nullptr},
                               {"totalAmount", nullptr},
                               {"billDate", "2026-02-28"},
                               {"dueDate", "2026-03-31"}});
    CHECK(nothing["totalAmount"] == 0);
    CHECK(nothing["items"] == Json::array());
    CHECK(nothing["medicalRecordIds"] == Json::array());
    check_deleted(node, "/api/bills/" + id_of(nothing));
}

TEST_CASE("legacy: the dashboard, health and metrics answer", "[edge][api][legacy]") {
    ApiNode node;
    const auto [owner, patient] = make_chart(node);
    node.new_record(patient);
    const Json stats = node.get("/api/dashboard/stats").json;
    CHECK(stats["totalPatients"] == 1);
    CHECK(stats["totalOwners"] == 1);
    CHECK(stats["todayAppointments"].is_number());
    CHECK(stats["recentRecords"][0]["patient"]["id"] == patient["id"]);
    CHECK(has_fields(node.get("/api/health", "").json, {"status", "uptime", "timestamp"}));
    CHECK(has_fields(node.get("/api/db/health", "").json, {"status", "latencyMs"}));
    CHECK(node.get("/metrics", "").body.find("http_request_duration_seconds") != std::string::npos);
    CHECK(node.get("/api/owners/00000000-0000-4000-8000-000000000000").status == 404);
}

TEST_CASE("legacy: a path may end in a slash, and the scheme of the token is written as one likes",
          "[edge][api][legacy]") {
    ApiNode node;
    const auto [owner, patient] = make_chart(node);
    CHECK(node.get("/api/owners/").json == node.get("/api/owners").json);
    CHECK(node.get("/api/owners/" + id_of(owner) + "/?x=1").json["id"] == owner["id"]);
    CHECK(node.put("/api/patients/" + id_of(patient) + "/", {{"name", "Max"}}).status == 200);
    CHECK(node.get("/api/owners//").status == 404);
    CHECK(node.send("GET", "/api/auth/me", nullptr, "", {{"Authorization", "bearer " + node.tokens["vet"]}}).status ==
          200);
}
