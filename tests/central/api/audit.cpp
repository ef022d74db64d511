#include <catch2/catch.hpp>

#include "central/api/central_api.h"
#include "central/api/hq_api.h"
#include "central/intake/enroll.h"
#include "central/store/audit_trail.h"
#include "central/store/hq_users.h"
#include "central/store/nodes.h"
#include "schema/embedded.h"
#include "sync/base/digest.h"
#include "sync/base/json.h"
#include "sync/base/uuid.h"
#include "tests/central/reports/fixture.h"
#include "tests/support/chance.h"

/// What central's HTTP API leaves in the audit, without sockets: requests in, lines out.
namespace vetchart::central {
namespace {

using Json = nlohmann::json;
using test::ReportWorld;

const std::string kPassword = "correct horse";
const std::string kWrong = "hunter2 is secret";

struct World {
    ReportWorld world;
    UtcMillis time = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    AuditTrail trail{world.pool(), std::chrono::milliseconds(0)};
    HqApi hq{HqParts{world.pool(), world.pool(), std::chrono::seconds(30), 2, "a key of this test, long enough!!",
                     [this] { return time; }, &trail}};
    FeedHub hub;
    PushGate gate{64};
    Metrics metrics;
    CentralApi api{
        ApiParts{world.pool(), hub, gate, metrics, [this] { return time; }, [] { return Gauges{}; }, &hq, &trail}};

    World() {
        world.clinic("NORTH", "UTC");
        REQUIRE(add_hq_user(world.pool(), "os:test", "ann@hq.example", "admin", kPassword, time).ok());
    }

    Response call(const std::string& method, const std::string& path, const std::string& authorization,
                  const std::string& body = "", const std::string& query = "") {
        Request request;
        request.method = method;
        request.path = path;
        request.query = query;
        request.body = body;
        request.peer = "192.0.2.7";
        request.headers = {{"content-type", "application/json"},
                           {"x-body-sha256", to_hex(sha256(body))},
                           {"x-schema-version", std::to_string(schema::sqlite_schema_version())}};
        if (!authorization.empty()) request.headers.emplace_back("authorization", authorization);
        return api.handle(request);
    }
    int login(const std::string& email, const std::string& password) {
        return call("POST", "/api/auth/login", "", Json{{"email", email}, {"password", password}}.dump()).status;
    }
    sync::EnrollReply node(const std::string& code = "ABCDE") {
        const auto invite = create_invite(world.pool(), "os:test", {"NORTH"}, std::chrono::hours(1), time);
        REQUIRE(invite.ok());
        const auto outcome = enroll(world.pool(),
                                    sync::EnrollRequest{invite->token, "Front desk", code,
                                                        to_string(random_uuid_v4(test::chance())), "0.1.0", 1},
                                    time);
        REQUIRE((outcome.ok() && !outcome->is_refused()));
        return outcome->reply();
    }
    int enroll_status(const std::string& token) {
        const sync::EnrollRequest request{token,   "Laptop", "FGHJK", to_string(random_uuid_v4(test::chance())),
                                          "0.1.0", 1};
        return call("POST", "/sync/v1/enroll", "", sync::to_json(request)).status;
    }
    /// `actor subject address because` of the lines of an action, in order.
    std::string lines(const std::string& action) {
        return world.value(
            "SELECT string_agg(concat_ws(' ', actor, subject, address, detail ->> 'because'), '; ' ORDER BY id) "
            "FROM audit_log WHERE action = '" +
            action + "'");
    }
};

}  // namespace

TEST_CASE("audit: HQ's logins and failed ones, by whom, of whom and from where", "[central][audit]") {
    World w;
    CHECK(w.login("Ann@hq.example", kPassword) == 200);
    CHECK(w.login("ann@hq.example", kWrong) == 401);
    CHECK(w.login("bob@hq.example", kWrong) == 401);
    CHECK(w.lines("hq login") == "hq:ann@hq.example ann@hq.example 192.0.2.7");
    CHECK(w.lines("hq login failed") ==
          "nobody ann@hq.example 192.0.2.7 wrong e-mail or password; "
          "nobody bob@hq.example 192.0.2.7 wrong e-mail or password");
    INFO("a password typed into the wrong field is not kept");
    CHECK(w.login(kWrong, "x") == 401);
    CHECK(w.world.value("SELECT count(*) FROM audit_log a WHERE to_jsonb(a)::text LIKE '%hunter2%'") == "0");
}

TEST_CASE("audit: a refused node, with the reason that it is not told", "[central][audit]") {
    World w;
    const auto node = w.node();
    const std::string unknown = to_string(random_uuid_v4(test::chance()));
    CHECK(w.call("GET", "/sync/v1/me", "Node " + node.node_id + "." + node.secret).status == 200);
    CHECK(w.lines("node refused") == "");
    CHECK(w.call("GET", "/sync/v1/me", "Node " + node.node_id + ".wrong").status == 401);
    CHECK(w.call("GET", "/sync/v1/me", "Node " + unknown + ".wrong").status == 401);
    CHECK(w.call("GET", "/sync/v1/me", "").status == 401);
    CHECK(w.lines("node refused") == "nobody " + node.node_id + " 192.0.2.7 wrong secret; nobody " + unknown +
                                         " 192.0.2.7 unknown id; nobody  192.0.2.7 no credentials");
    CHECK(w.world.value("SELECT concat_ws(' ', detail ->> 'name', detail ->> 'code') FROM audit_log "
                        "WHERE action = 'node refused' ORDER BY id LIMIT 1") == "Front desk ABCDE");
    REQUIRE(revoke_node(w.world.pool(), "os:test", "Front desk").ok());
    CHECK(w.call("GET", "/sync/v1/me", "Node " + node.node_id + "." + node.secret).status == 403);
    CHECK(w.world.value("SELECT detail ->> 'because' FROM audit_log WHERE actor = 'node:" + node.node_id +
                        "' AND action = 'node refused'") == "revoked");
    CHECK(w.world.value("SELECT detail ->> 'name' FROM audit_log WHERE action = 'node revoke'") == "Front desk");
    CHECK(w.world.value("SELECT count(*) FROM audit_log a WHERE to_jsonb(a)::text LIKE '%" + node.secret + "%'") ==
          "0");
}

TEST_CASE("audit: an invitation that is wrong, used or expired, and never its token", "[central][audit]") {
    World w;
    const auto invite = [&](int hours) {
        return create_invite(w.world.pool(), "os:test", {"NORTH"}, std::chrono::hours(hours), w.time)->token;
    };
    const std::string good = invite(1), late = invite(-1);
    CHECK(w.enroll_status(good) == 201);
    CHECK(w.enroll_status(good) == 401);
    CHECK(w.enroll_status(late) == 401);
    CHECK(w.enroll_status("a token that nobody made") == 401);
    const auto number = [](const std::string& token) { return invite_number(token); };
    CHECK(w.lines("invitation refused") == "nobody " + number(good) + " 192.0.2.7 used; nobody " + number(late) +
                                               " 192.0.2.7 expired; nobody " + number("a token that nobody made") +
                                               " 192.0.2.7 unknown");
    INFO("the invitation and the node it made are found by the same number");
    CHECK(w.world.value("SELECT count(*) FROM audit_log WHERE action = 'node invite' AND subject = '" + number(good) +
                        "'") == "1");
    CHECK(w.world.value("SELECT address FROM audit_log WHERE action = 'node enroll' AND detail ->> 'invite' = '" +
                        number(good) + "'") == "192.0.2.7");
    CHECK(w.world.value("SELECT count(*) FROM audit_log a WHERE to_jsonb(a)::text LIKE '%" + good + "%'") == "0");
}

TEST_CASE("audit: a report that leaves central, as JSON or CSV, and by whom", "[central][audit]") {
    World w;
    const auto answer =
        w.call("POST", "/api/auth/login", "", Json{{"email", "ann@hq.example"}, {"password", kPassword}}.dump());
    const std::string token = "Bearer " + Json::parse(answer.body)["token"].get<std::string>();
    const std::string range = "from=2026-01-01&to=2026-01-31";
    CHECK(w.call("GET", "/api/hq/reports/revenue", token, "", range + "&format=csv&clinic=NORTH").status == 200);
    CHECK(w.call("GET", "/api/hq/reports/sync-lag", token).status == 200);
    CHECK(w.call("GET", "/api/hq/reports/none", token).status == 404);
    CHECK(w.lines("report export") == "hq:ann@hq.example revenue 192.0.2.7; hq:ann@hq.example sync-lag 192.0.2.7");
    CHECK(w.world.value("SELECT detail - 'rows' FROM audit_log WHERE subject = 'revenue'") ==
          R"({"to": "2026-01-31", "from": "2026-01-01", "clinic": "NORTH", "format": "csv"})");
    INFO("the page of the audit shows the address");
    const auto page = Json::parse(w.call("GET", "/api/hq/audit", token).body);
    CHECK(page["items"][0]["address"] == "192.0.2.7");
    CHECK(page["items"][0]["login"] == "vet");
}

TEST_CASE("audit: a push that is refused names node and clinic", "[central][audit]") {
    World w;
    const auto node = w.node();
    const std::string credentials = "Node " + node.node_id + "." + node.secret;
    sync::PullRequest request;
    request.clinic = to_string(random_uuid_v4(test::chance()));
    CHECK(w.call("POST", "/sync/v1/pull", credentials, sync::to_json(request)).status == 403);
    CHECK(w.world.value("SELECT subject FROM audit_log WHERE action = 'pull refused'") == "Front desk (ABCDE; NORTH)");
}

TEST_CASE("audit: who migrated, from where to where", "[central][audit]") {
    ReportWorld world;
    CHECK(world.value("SELECT detail ->> 'from' || ' ' || subject FROM audit_log WHERE action = 'migrate'") ==
          "0 schema " + std::to_string(schema::postgres_tables().back().number));
}

}  // namespace vetchart::central
