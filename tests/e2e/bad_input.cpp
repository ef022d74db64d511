#include <catch2/catch.hpp>
#include <functional>

#include "sync/base/digest.h"
#include "sync/wire/gzip.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/samples.h"
#include "tests/e2e/wire_node.h"

namespace vetchart::e2e {
namespace {

constexpr std::size_t kDeep = 200'000;
constexpr std::size_t kHuge = 64U << 20U;

std::string deep_json() { return std::string(kDeep, '[') + std::string(kDeep, ']'); }

/// A body of mostly one letter: some hundred kilobytes that inflate to `size`.
std::string gzip_bomb(std::size_t size) { return sync::gzip(R"({"firstName": ")" + std::string(size, 'a') + R"("})"); }

std::string with(Json body, const std::string& field, const Json& value) {
    body[field] = value;
    return body.dump();
}

/// The error form of docs/api.md: a text, the same as message, a machine name.
void require_error_form(const Reply& reply) {
    const auto body = reply.json();
    INFO(reply.body.substr(0, 300));
    REQUIRE(body.is_object());
    CHECK(body.value("error", "") == body.value("message", "-"));
    CHECK_FALSE(body.value("code", "").empty());
}

struct BadRequest {
    const char* what;
    const char* method;
    std::string path;
    std::string body;
    std::vector<int> statuses;  ///< Any of these will do.
    Headers headers = {};
};

std::vector<BadRequest> bad_bodies() {
    const auto owner = sample_owner("bad");
    const Headers packed{{"Content-Encoding", "gzip"}};
    return {
        {"not JSON", "POST", "/api/owners", "{\"firstName\": ", {400}},
        {"an empty body", "POST", "/api/owners", " ", {400}},
        {"a list", "POST", "/api/owners", "[]", {400}},
        {"200,000 deep", "POST", "/api/owners", deep_json(), {400}},
        {"a number for a name", "POST", "/api/owners", with(owner, "firstName", 5), {400, 422}},
        {"an object for a name", "POST", "/api/owners", with(owner, "firstName", Json::object()), {400, 422}},
        {"not UTF-8", "POST", "/api/owners", "{\"firstName\": \"caf\xe9\", \"lastName\": \"x\"}", {400}},
        {"a NUL in a name", "POST", "/api/owners", with(owner, "firstName", std::string("a\0b", 3)), {400, 422}},
        {"a blank name", "POST", "/api/owners", with(owner, "firstName", " \t\xc2\xa0"), {422}},
        {"a missing name", "POST", "/api/owners", R"({"firstName": "Dana"})", {422}},
        {"a name too long", "POST", "/api/owners", with(owner, "firstName", std::string(101, 'a')), {422}},
        {"too large", "POST", "/api/owners", with(owner, "notes", std::string(kHuge, 'a')), {413}},
        {"too large once inflated", "POST", "/api/owners", gzip_bomb(kHuge * 4), {413}, packed},
        {"broken gzip", "POST", "/api/owners", "\x1f\x8b not gzip", {400}, packed},
        {"no such row", "GET", "/api/owners/00000000-0000-7000-8000-000000000000", "", {404}},
        {"no id at all", "GET", "/api/owners/x'%20OR%201=1--", "", {404, 400}},
        {"no such path", "GET", "/api/nothing", "", {404}},
        {"a limit of 0", "GET", "/api/owners?limit=0", "", {400, 422}},
        {"a limit of 501", "GET", "/api/owners?limit=501", "", {400, 422}},
        {"a cursor made up", "GET", "/api/owners?limit=5&cursor=zzz", "", {400, 422}},
    };
}

std::vector<BadRequest> bad_values(const Visit& visit) {
    const auto patient = sample_patient(visit.owner, "Bad");
    const auto record = sample_record(visit.patient, "vaccine");
    const auto appointment = sample_appointment(visit.patient);
    const auto bill = sample_bill(visit.owner, visit.patient);
    const std::string nobody = "00000000-0000-7000-8000-000000000000";
    return {
        {"a negative age", "POST", "/api/patients", with(patient, "age", -1), {422}},
        {"an age of 1000", "POST", "/api/patients", with(patient, "age", 1000), {422}},
        {"half a year", "POST", "/api/patients", with(patient, "age", 1.5), {422}},
        {"no weight", "POST", "/api/patients", with(patient, "weight", 0), {422}},
        {"a weight that is no number", "POST", "/api/patients", with(patient, "weight", "NaN"), {422}},
        {"an infinite weight", "POST", "/api/patients", with(patient, "weight", "Infinity"), {422}},
        {"a weight over every double", "POST", "/api/patients", R"({"name": "x", "weight": 1e400})", {400, 422}},
        {"a weight of NaN", "POST", "/api/patients", R"({"name": "x", "weight": NaN})", {400, 422}},
        {"no such gender", "POST", "/api/patients", with(patient, "gender", "other"), {422}},
        {"no such owner", "POST", "/api/patients", with(patient, "ownerId", nobody), {404, 409, 422}},
        {"no such type", "POST", "/api/records", with(record, "recordType", "surgry"), {422}},
        {"no such day", "POST", "/api/records", with(record, "visitDate", "2026-02-30"), {422}},
        {"no such time", "POST", "/api/appointments", with(appointment, "time", "25:00"), {422}},
        {"a duration of 0", "POST", "/api/appointments", with(appointment, "duration", 0), {422}},
        {"no such status", "POST", "/api/bills", with(bill, "status", "open"), {422}},
        {"a total that is off", "POST", "/api/bills", with(bill, "totalAmount", 300), {422}},
        {"a quantity of 0",
         "POST",
         "/api/bills",
         with(bill, "items", {{{"description", "Exam"}, {"quantity", 0}, {"unitPrice", 5}, {"totalPrice", 5}}}),
         {422}},
        {"no such record", "POST", "/api/bills", with(bill, "medicalRecordIds", {nobody}), {404, 409, 422}},
    };
}

void require_refused(const Node& node, const std::vector<BadRequest>& requests) {
    const auto log = node.sql("SELECT count(*), max(seq) FROM change_log");
    for (const auto& bad : requests) {
        INFO(bad.what);
        const auto reply = node.raw(bad.method, bad.path, bad.headers, bad.body);
        INFO(reply.status << " " << reply.body.substr(0, 300));
        CHECK(std::find(bad.statuses.begin(), bad.statuses.end(), reply.status) != bad.statuses.end());
        require_error_form(reply);
        CHECK(node.sql("SELECT count(*), max(seq) FROM change_log") == log);
    }
}

}  // namespace

TEST_CASE("e2e: bad input at a node gets the documented error and changes nothing", "[e2e][bad]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    const Visit visit = make_visit(node, "good");
    require_refused(node, bad_bodies());
    require_refused(node, bad_values(visit));
    CHECK(node.get("/api/health").status == 200);
}

TEST_CASE("e2e: a node tells no token, a wrong one and a role that may not apart", "[e2e][bad]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    const Visit visit = make_visit(node, "good");
    const auto list = [&](const Headers& headers) { return send(node.url(), "GET", "/api/owners", headers); };
    CHECK(list({}).status == 401);
    CHECK(list({{"Authorization", "Bearer nonsense"}}).status == 403);
    // {"alg": "none"} with a fitting body
    CHECK(list({{"Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwiZXhwIjo5OTk5OTk5OTk5fQ."}}).status ==
          403);
    const auto wrong = send(node.url(), "POST", "/api/auth/login", {},
                            Json{{"username", "admin@north.example"}, {"password", "wrong"}}.dump());
    CHECK(wrong.status == 401);
    const auto foreign = send(node.url(), "POST", "/api/auth/login", {},
                              Json{{"username", "admin@south.example"}, {"password", kPassword}}.dump());
    CHECK(foreign.status == 401);
    node.log_in("staff@north.example");
    CHECK(node.remove("/api/owners/" + visit.owner + "?hard=true").status == 403);
    CHECK(node.remove("/api/records/" + visit.records[0]).status == 403);
    CHECK(node.get("/api/owners?includeDeleted=true").status == 403);
    CHECK(node.post("/api/staff", {{"email", "x@north.example"}}).status == 403);
    CHECK(node.get("/api/owners").status == 200);
}

TEST_CASE("e2e: bad input at central gets the documented error and changes nothing", "[e2e][bad]") {
    Cluster cluster;
    WireNode node(cluster, "NORTH");
    const auto state = [&] {
        return cluster.sql(
            "SELECT (SELECT count(*) FROM owner), (SELECT count(*) FROM sync_transaction), (SELECT "
            "sum(version) FROM sync_counter)");
    };
    const auto before = state();
    const auto refused = [&](const char* what, const std::string& body, const Headers& more, int status,
                             const std::string& code) {
        INFO(what);
        const auto reply = node.post("/sync/v1/push", body, more);
        INFO(reply.body.substr(0, 300));
        CHECK(reply.status == status);
        CHECK(reply.code() == code);
        require_error_form(reply);
        CHECK(state() == before);
    };
    // The digest is of the body before compression.
    const auto packed = [&](const std::string& body) {
        return Headers{{"X-Body-SHA256", to_hex(sha256(body))}, {"Content-Encoding", "gzip"}};
    };
    refused("not JSON", "{\"incarnation\":", {}, 400, "malformed");
    refused("a list", "[]", {}, 400, "malformed");
    refused("an empty object", "{}", {}, 400, "malformed");
    refused("200,000 deep", deep_json(), {}, 400, "malformed");
    refused("not UTF-8", "{\"incarnation\": \"\xe9\"}", {}, 400, "malformed");
    refused("a wrong digest", "{}", {{"X-Body-SHA256", to_hex(sha256("[]"))}}, 400, "digest_mismatch");
    refused("no digest", "{}", {{"X-Body-SHA256", ""}}, 400, "digest_mismatch");
    refused("too large", std::string(20U << 20U, ' '), {}, 413, "too_large");
    const std::string bomb(kHuge, ' ');
    refused("too large once inflated", sync::gzip(bomb), packed(bomb), 413, "too_large");
    refused("broken gzip", "\x1f\x8b not gzip", packed("{}"), 400, "malformed");
    refused("an unknown schema", "{}", {{"X-Schema-Version", "999"}}, 426, "schema_unsupported");
    CHECK(node.post("/sync/v1/nothing", "{}").status == 404);
    CHECK(send(cluster.url(), "GET", "/sync/v1/push", {}, "", cluster.ca()).status >= 400);
    CHECK(send(cluster.url(), "GET", "/api/health", {}, "", cluster.ca()).status == 200);
}

}  // namespace vetchart::e2e
