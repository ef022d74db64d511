#include "central/api/hq_api.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "central/store/hq_users.h"
#include "sync/base/json.h"
#include "sync/base/jwt.h"
#include "tests/central/reports/fixture.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"

/// HQ's login and pages, without sockets: requests in, answers out.
namespace vetchart::central {
namespace {

using Json = nlohmann::json;
using test::ReportWorld;

const std::string kKey = "a key of this test, long enough!!";
const std::string kPassword = "correct horse";

PoolOptions pool_at(const std::string& url, std::size_t size = 4) {
    PoolOptions options;
    options.url = url;
    options.size_max = size;
    return options;
}

struct Hq {
    ReportWorld world;
    UtcMillis time = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    Pool reports{pool_at(world.url()), test::chance()};
    HqApi api{HqParts{world.pool(), reports, std::chrono::seconds(30), 2, kKey, [this] { return time; }}};

    Hq() {
        world.clinic("NORTH", "UTC");
        for (const char* role : {"admin", "analyst"}) {
            REQUIRE(
                add_hq_user(world.pool(), "os:test", std::string(role) + "@hq.example", role, kPassword, time).ok());
        }
    }

    Response call(const std::string& method, const std::string& target, const std::string& token = "",
                  const std::string& body = "", const std::string& peer = "192.0.2.1") {
        Request request;
        request.method = method;
        request.path = target.substr(0, target.find('?'));
        if (target.find('?') != std::string::npos) request.query = target.substr(target.find('?') + 1);
        request.body = body;
        request.peer = peer;
        if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
        if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
        return api.answer(request);
    }
    Response login(const std::string& email, const std::string& password, const std::string& peer = "192.0.2.1") {
        return call("POST", "/api/auth/login", "", Json{{"email", email}, {"password", password}}.dump(), peer);
    }
    std::string token(const std::string& role) {
        const auto response = login(role + "@hq.example", kPassword);
        REQUIRE(response.status == 200);
        return Json::parse(response.body)["token"];
    }
};

std::string code_of(const Response& response) { return Json::parse(response.body).value("code", ""); }

std::string header_of(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

}  // namespace

TEST_CASE("hq: a login gives a token, and a token opens the pages", "[central][hq]") {
    Hq hq;
    const auto response = hq.login(" Admin@HQ.example ", kPassword);
    REQUIRE(response.status == 200);
    const auto body = Json::parse(response.body);
    CHECK(body["user"] == Json{{"email", "admin@hq.example"}, {"role", "admin"}});
    const std::string token = body["token"];
    for (const char* path : {"/api/auth/me", "/api/hq/overview", "/api/hq/clinics", "/api/hq/nodes",
                             "/api/hq/conflicts", "/api/hq/quarantine", "/api/hq/audit", "/api/hq/reports",
                             "/api/hq/reports/revenue", "/api/hq/reports/sync-lag", "/api/db/test-scan"}) {
        INFO(path);
        CHECK(hq.call("GET", path).status == 401);
        CHECK(code_of(hq.call("GET", path)) == "login_required");
        const auto opened = hq.call("GET", path, token);
        CHECK(opened.status == 200);
        CHECK(Json::accept(opened.body));
        CHECK(header_of(opened, "Cache-Control") == "no-store");
        CHECK(hq.call("DELETE", path, token).status == 405);
    }
    CHECK(Json::parse(hq.call("GET", "/api/hq/overview", token).body)["clinics"] == 1);
    CHECK(Json::parse(hq.call("GET", "/api/hq/clinics", token).body)[0]["code"] == "NORTH");
    CHECK(Json::parse(hq.call("GET", "/api/hq/reports", token).body).size() == 7);
    for (const char* path : {"/api/hq/", "/api/hq/reports/", "/api/hq/reports/profit", "/api/hq/nothing"}) {
        INFO(path);
        CHECK(hq.call("GET", path, token).status == 404);
    }
}

TEST_CASE("hq: tokens that are forged, expired, or of somebody who is gone open nothing", "[central][hq]") {
    Hq hq;
    const std::string token = hq.token("analyst");
    const auto refused = [&](const std::string& given) { return code_of(hq.call("GET", "/api/auth/me", given)); };
    CHECK(refused("x") == "token_invalid");
    CHECK(refused(token + "x") == "token_invalid");
    JwtFault fault{};
    const auto payload = verify_jwt(token, kKey, fault);
    REQUIRE(payload.has_value());
    CHECK(refused(sign_jwt(*payload, "another key")) == "token_invalid");
    CHECK(refused(sign_jwt("{}", kKey)) == "token_invalid");
    CHECK(refused(sign_jwt(R"({"sub":"x","jti":"x","exp":99999999999})", kKey)) == "token_invalid");
    CHECK(refused(sign_jwt("[]", kKey)) == "token_invalid");
    // {"alg":"none"}
    CHECK(refused("eyJhbGciOiJub25lIn0." + token.substr(token.find('.') + 1)) == "token_invalid");
    CHECK(refused(token).empty());
    hq.time += std::chrono::hours(13);
    CHECK(refused(token) == "token_expired");
    hq.time -= std::chrono::hours(13);
    REQUIRE(set_hq_password(hq.world.pool(), "os:test", "analyst@hq.example", "another password").ok());
    CHECK(refused(token) == "token_invalid");
    const std::string admin = hq.token("admin");
    CHECK(refused(admin).empty());
    REQUIRE(deactivate_hq_user(hq.world.pool(), "os:test", "admin@hq.example").ok());
    CHECK(refused(admin) == "token_invalid");
    CHECK(hq.login("admin@hq.example", kPassword).status == 401);
}

TEST_CASE("hq: who was deactivated comes back with a new password and role, without the old tokens", "[central][hq]") {
    Hq hq;
    const std::string before = hq.token("admin");
    REQUIRE(central::deactivate_hq_user(hq.world.pool(), "os:test", " Admin@HQ.example ").ok());
    REQUIRE(central::add_hq_user(hq.world.pool(), "os:test", "admin@hq.example", "analyst", kPassword, hq.time).ok());
    CHECK(code_of(hq.call("GET", "/api/auth/me", before)) == "token_invalid");
    const std::string after = hq.token("admin");
    CHECK(Json::parse(hq.call("GET", "/api/auth/me", after).body)["role"] == "analyst");
    CHECK(central::list_hq_users(hq.world.pool())->size() == 2);
}

TEST_CASE("hq: a replica that is down is said to be the reports' database", "[central][hq]") {
    Hq hq;
    auto options = pool_at(hq.world.url() + "_gone");
    Pool gone(options, test::chance());
    HqApi api{HqParts{hq.world.pool(), gone, std::chrono::seconds(30), 2, kKey, [&] { return hq.time; }}};
    Request request;
    request.method = "GET";
    request.path = "/api/hq/reports/revenue";
    request.headers.emplace_back("authorization", "Bearer " + hq.token("analyst"));
    const auto response = api.answer(request);
    CHECK(response.status == 503);
    CHECK(response.body.find("The reports' database") != std::string::npos);
}

TEST_CASE("hq: wrong passwords are answered alike, and too many not at all", "[central][hq]") {
    Hq hq;
    const auto wrong = hq.login("admin@hq.example", "wrong password");
    const auto unknown = hq.login("nobody@hq.example", "wrong password");
    CHECK(wrong.status == 401);
    CHECK(wrong.body == unknown.body);
    for (int i = 0; i < 9; ++i) CHECK(hq.login("admin@hq.example", "wrong password").status == 401);
    const auto locked = hq.login("admin@hq.example", kPassword);
    CHECK(locked.status == 429);
    const int wait = std::stoi(header_of(locked, "Retry-After"));
    CHECK(wait > 200);
    CHECK(wait <= 300);
    CHECK(code_of(hq.login("admin@hq.example", kPassword)) == "too_many_attempts");
    // From elsewhere the same user gets in: nobody can be locked out by a stranger.
    CHECK(hq.login("admin@hq.example", kPassword, "192.0.2.2").status == 200);
    CHECK(hq.call("POST", "/api/auth/login", "", "{\"email\":1}").status == 400);
    CHECK(hq.call("POST", "/api/auth/login", "", "no JSON").status == 400);
    CHECK(hq.call("POST", "/api/auth/login").status == 415);
    CHECK(hq.call("POST", "/api/auth/login", "", std::string(20000, ' ')).status == 413);
}

TEST_CASE("hq: the guard lets few check at once", "[central][hq]") {
    using Kind = LoginGuard::Verdict::Kind;
    LoginGuard guard(test::chance());
    const LoginGuard::Clock::time_point now{std::chrono::hours(1)};
    LoginAttempt one, other;
    one.name = "x";
    other.name = "y";
    for (int i = 0; i < LoginGuard::kAtOnceMax; ++i) REQUIRE(guard.begin(one, now).kind == Kind::go);
    CHECK(guard.begin(other, now).kind == Kind::busy);
    guard.finished(one, LoginGuard::Outcome::right, now);
    CHECK(guard.begin(other, now).kind == Kind::go);
}

TEST_CASE("hq: a logout ends the session, at every central, and one everywhere all of the user", "[central][hq]") {
    Hq hq;
    HqApi second{HqParts{hq.world.pool(), hq.reports, std::chrono::seconds(30), 2, kKey, [&] { return hq.time; }}};
    const auto opens = [&](HqApi& api, const std::string& token) {
        Request request;
        request.method = "GET";
        request.path = "/api/auth/me";
        request.headers.emplace_back("authorization", "Bearer " + token);
        return api.answer(request).status == 200;
    };
    const std::string first = hq.token("admin"), other = hq.token("admin"), analyst = hq.token("analyst");
    CHECK(opens(second, first));
    CHECK(hq.call("POST", "/api/auth/logout", first).status == 204);
    CHECK_FALSE(opens(hq.api, first));
    CHECK_FALSE(opens(second, first));
    CHECK(opens(second, other));
    CHECK(hq.call("POST", "/api/auth/logout", first).status == 401);
    CHECK(hq.call("POST", "/api/auth/logout?everywhere=true", hq.token("admin")).status == 204);
    CHECK_FALSE(opens(second, other));
    CHECK(opens(second, analyst));
}

TEST_CASE("hq: whoever deactivates a user or writes a password, the sessions of before stay ended", "[central][hq]") {
    Hq hq;
    const auto write = [&](const std::string& set) {
        REQUIRE(hq.world.pool().transact("test", [&](pqxx::work& transaction) -> Status {
            transaction.exec("UPDATE hq_user SET " + set + " WHERE role = 'analyst'");
            return Done{};
        }));
    };
    const auto is_open = [&](const std::string& token) { return hq.call("GET", "/api/auth/me", token).status == 200; };
    std::string token = hq.token("analyst");
    write("active = false");
    write("active = true");
    CHECK_FALSE(is_open(token));
    token = hq.token("analyst");
    write("password_hash = password_hash || ''");
    CHECK(is_open(token));
    write("password_hash = '$2b$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK'");
    CHECK_FALSE(is_open(token));
    // A hash that is no argon2id within bounds opens nothing, whatever is typed.
    CHECK(hq.login("analyst@hq.example", "password").status == 401);
}

TEST_CASE("hq: the login takes an e-mail as username too", "[central][hq]") {
    Hq hq;
    const auto with = [&](const Json& body) { return hq.call("POST", "/api/auth/login", "", body.dump()).status; };
    CHECK(with({{"username", "admin@hq.example"}, {"password", kPassword}}) == 200);
    CHECK(with({{"username", "Admin@HQ.example"}, {"email", ""}, {"password", kPassword}}) == 200);
    CHECK(with({{"username", 7}, {"password", kPassword}}) == 400);
    CHECK(with({{"password", kPassword}}) == 400);
    CHECK(with({{"username", "admin@hq.example"}, {"password", std::string(2000, 'x')}}) == 401);
}

TEST_CASE("hq: a browser that is known gets in while strangers at many addresses are kept out", "[central][hq]") {
    Hq hq;
    const auto first = hq.login("admin@hq.example", kPassword);
    const std::string cookie = header_of(first, "Set-Cookie");
    REQUIRE(cookie.find("HttpOnly") != std::string::npos);
    int tried = 0;
    for (int i = 0; i < 12; ++i) {
        const std::string address = "198.51.100." + std::to_string(i);
        for (int n = 0; n < 10; ++n)
            tried += hq.login("admin@hq.example", std::string(2000, 'x'), address).status == 401 ? 1 : 0;
    }
    CHECK(tried == AttemptCounter::kPerNameAnywhereMax);
    CHECK(hq.login("admin@hq.example", kPassword, "203.0.113.1").status == 429);
    Request request;
    request.method = "POST";
    request.path = "/api/auth/login";
    request.peer = "203.0.113.1";
    request.body = Json{{"email", "admin@hq.example"}, {"password", kPassword}}.dump();
    request.headers.emplace_back("content-type", "application/json");
    request.headers.emplace_back("cookie", "a=b; " + cookie.substr(0, cookie.find(';')));
    CHECK(hq.api.answer(request).status == 200);
}

TEST_CASE("hq: an analyst reads, an admin also acts", "[central][hq]") {
    Hq hq;
    const std::string analyst = hq.token("analyst"), admin = hq.token("admin");
    CHECK(hq.call("GET", "/api/hq/audit", analyst).status == 200);
    const std::string owner = hq.world.id_of("owner of NORTH");
    CHECK(hq.call("POST", "/api/hq/owners/" + owner + "/erase", analyst, R"({"reason":"x"})").status == 403);
    CHECK(hq.call("POST", "/api/hq/owners/" + owner + "/erase", admin, R"({"reason":"x"})").status == 200);
}

TEST_CASE("hq: the old load scripts' probes answer 200, with their numbers clamped", "[central][hq]") {
    Hq hq;
    const std::string analyst = hq.token("analyst");
    const auto written = [&](const std::string& query) {
        const auto response = hq.call("POST", "/api/db/test-write" + query, analyst);
        CHECK(response.status == 200);
        const auto body = Json::parse(response.body);
        CHECK(body["status"] == "ok");
        CHECK(body["latencyMs"].is_number());
        return body["inserted"].get<int>();
    };
    CHECK(written("?count=3&payloadSize=10") == 3);
    CHECK(hq.world.value("SELECT sum(length(payload)) FROM db_probes") == "30");
    CHECK(written("") == 1);
    CHECK(written("?count=0") == 1);
    CHECK(written("?count=-5&payloadSize=0") == 1);
    CHECK(written("?count=5000&payloadSize=99999999999999999999") == 1000);
    INFO("a call writes ten million bytes at the most");
    CHECK(hq.world.value("SELECT max(length(payload)) FROM db_probes") == "10000");
    const auto scanned = [&](const std::string& query) {
        const auto body = Json::parse(hq.call("GET", "/api/db/test-scan" + query, analyst).body);
        CHECK(body["status"] == "ok");
        CHECK(body["latencyMs"].is_number());
        return body["rows"].get<int>();
    };
    CHECK(scanned("?limit=2") == 2);
    CHECK(scanned("?limit=0") == 1);
    CHECK(scanned("?limit=x") == 100);
    CHECK(scanned("?limit=100000") == 1000);
}

TEST_CASE("hq: an admin erases an owner, with a reason", "[central][hq]") {
    Hq hq;
    const std::string analyst = hq.token("analyst"), admin = hq.token("admin");
    const std::string owner = hq.world.id_of("owner of NORTH"), path = "/api/hq/owners/" + owner + "/erase";
    const std::string body = R"({"reason":"asked by letter"})";
    CHECK(hq.call("POST", path, analyst, body).status == 403);
    CHECK(hq.call("POST", path, admin, "{}").status == 400);
    CHECK(Json::parse(hq.call("POST", path, admin, "{}").body)["fields"].contains("reason"));
    CHECK(hq.call("POST", path, admin, R"({"reason":" "})").status == 422);
    CHECK(hq.call("POST", "/api/hq/owners/none/erase", admin, body).status == 404);
    CHECK(hq.call("POST", "/api/hq/owners//erase", admin, body).status == 404);
    CHECK(hq.call("POST", "/api/hq/owners/", admin, body).status == 404);
    CHECK(hq.world.value("SELECT first_name FROM owner WHERE id = '" + owner + "'") == "Ada");
    const auto erased = hq.call("POST", path, admin, body);
    CHECK(erased.status == 200);
    CHECK(Json::parse(erased.body)["ownerId"] == owner);
    CHECK(hq.world.value("SELECT first_name FROM owner WHERE id = '" + owner + "'") != "Ada");
    CHECK(hq.world.value("SELECT count(*) FROM audit_log WHERE actor = 'hq:admin@hq.example'") == "1");
}

TEST_CASE("hq: reports come as JSON and as a CSV file, with their mistakes told", "[central][hq]") {
    Hq hq;
    hq.world.bill({.clinic = "NORTH", .issued_at = "2026-01-02T10:00:00Z", .subtotal = 150, .tax = 0});
    const std::string token = hq.token("analyst");
    const std::string range = "/api/hq/reports/revenue?from=2026-01-01&to=2026-01-31";
    const auto json = Json::parse(hq.call("GET", range + "&clinic=NORTH", token).body);
    CHECK(json["rows"][0]["issuedTotal"] == 1.5);
    const auto csv = hq.call("GET", range + "&format=csv", token);
    CHECK(csv.content_type == "text/csv; charset=utf-8");
    CHECK(header_of(csv, "Content-Disposition") == "attachment; filename=\"revenue_2026-01-01_2026-01-31.csv\"");
    CHECK(csv.body.find("NORTH,USD,2026-01,1,1.50,") != std::string::npos);
    CHECK(Json::parse(hq.call("GET", "/api/hq/reports/receivables?asOf=2026-02-01", token).body)["asOf"] ==
          "2026-02-01");
    const auto refused = [&](const std::string& target, int status) {
        const auto response = hq.call("GET", target, token);
        INFO(target);
        CHECK(response.status == status);
        return code_of(response);
    };
    CHECK(refused("/api/hq/reports/revenue?from=x", 400) == "bad_range");
    CHECK(refused("/api/hq/reports/revenue?from=2026-02-01&to=2026-01-01", 400) == "bad_range");
    CHECK(refused("/api/hq/reports/revenue?clinic=NOWHERE", 404) == "clinic_not_found");
    CHECK(refused("/api/hq/reports/revenue?format=pdf", 400) == "bad_format");
    CHECK(refused("/api/hq/reports/revenue?from=%zz", 400) == "malformed");
    CHECK(refused("/api/hq/reports/profit", 404) == "report_not_found");
}

TEST_CASE("hq: lists are paged and bounded", "[central][hq]") {
    Hq hq;
    const std::string token = hq.token("analyst");
    for (int i = 0; i < 5; ++i) {
        hq.world.run(
            "INSERT INTO sync_item (id, clinic_id, kind, table_name, row_id, code, title, reason, actor, at, "
            "status, opened_at) VALUES (gen_random_uuid(), '" +
            hq.world.id_of("NORTH") + "', 'conflict', 'owner', 'r" + std::to_string(i) +
            "', 'c', 't', 'r', 'a', now(), '" + (i == 4 ? "resolved" : "open") + "', '2026-01-0" +
            std::to_string(i / 2 + 1) + "')");
    }
    const auto walk = [&](const std::string& path) {
        std::vector<std::string> seen;
        std::string cursor;
        for (int pages = 0; pages < 20; ++pages) {
            const auto page = Json::parse(hq.call("GET", path + cursor, token).body);
            for (const auto& item : page["items"]) seen.push_back(item["id"].dump());
            if (page["next"].is_null()) break;
            cursor = "&cursor=" + page["next"].get<std::string>();
        }
        return seen;
    };
    const auto open = walk("/api/hq/conflicts?limit=3");
    CHECK(open.size() == 4);
    CHECK(std::set<std::string>(open.begin(), open.end()).size() == 4);
    CHECK(walk("/api/hq/conflicts?limit=1&status=all").size() == 5);
    CHECK(walk("/api/hq/conflicts?limit=1&status=resolved").size() == 1);
    CHECK(walk("/api/hq/conflicts?limit=9&clinic=NORTH").size() == 4);
    CHECK(hq.call("GET", "/api/hq/conflicts?clinic=SOUTH", token).status == 404);
    CHECK(walk("/api/hq/quarantine?limit=9").empty());
    CHECK(walk("/api/hq/audit?limit=1").size() == 3);  // the migration and the two users
    hq.world.run(
        "INSERT INTO audit_log (actor, action, subject) SELECT 'os:test', 'x', n FROM generate_series(1, 120) n");
    const auto deeds = walk("/api/hq/audit?limit=7");
    CHECK(deeds.size() == 123);
    CHECK(std::is_sorted(deeds.begin(), deeds.end(), [](const std::string& newer, const std::string& older) {
        return std::stol(newer) > std::stol(older);
    }));
    for (const char* target : {"/api/hq/audit?limit=501", "/api/hq/audit?limit=x", "/api/hq/audit?cursor=x",
                               "/api/hq/conflicts?cursor=x", "/api/hq/conflicts?status=x"}) {
        INFO(target);
        CHECK(hq.call("GET", target, token).status == 400);
    }
}

TEST_CASE("hq: an administrator decides an item, and what is not done is told", "[central][hq]") {
    Hq hq;
    const std::string clinic = hq.world.id_of("NORTH");
    const std::string owner = "018f0000-0000-7000-8000-0000000000aa", id = "018f0000-0000-7000-8000-0000000000bb";
    hq.world.run("INSERT INTO owner (id, clinic_id, first_name, last_name, address, phone) VALUES ('" + owner + "', '" +
                 clinic + "', 'Ada', 'Test', '', '111')");
    hq.world.run(
        "INSERT INTO sync_item (id, clinic_id, kind, table_name, row_id, column_name, code, title, reason, mine, "
        "theirs, actor, at, actions) VALUES ('" +
        id + "', '" + clinic + "', 'conflict', 'owner', '" + owner +
        "', 'phone', 'changed_elsewhere', 't', 'r', '\"222\"', '\"111\"', 'a', now(), '[\"keep\"]')");
    const std::string path = "/api/hq/conflicts/" + id, admin = hq.token("admin");
    const auto post = [&](const std::string& target, const Json& body, const std::string& token) {
        return hq.call("POST", target, token, body.dump());
    };
    const auto refused = [&](const std::string& target, const Json& body) {
        const Response response = post(target, body, admin);
        return std::to_string(response.status) + " " + code_of(response);
    };
    CHECK(post(path, {{"action", "keep"}}, hq.token("analyst")).status == 403);
    CHECK(refused(path, Json::object()) == "400 malformed");
    CHECK(refused(path, {{"action", "explode"}}) == "422 action_unknown");
    CHECK(refused(path, {{"action", "retry"}}) == "409 action_unavailable");
    CHECK(refused(path, {{"action", "setValue"}}) == "422 bad_value");
    CHECK(refused(path, {{"action", "setValue"}, {"value", 7}}) == "409 decision_refused");
    CHECK(refused(path, {{"action", "keep"}, {"version", 1}}) == "409 action_unavailable");
    CHECK(refused("/api/hq/quarantine/" + id, {{"action", "keep"}}) == "404 item_unknown");
    CHECK(refused("/api/hq/conflicts/nothing", {{"action", "keep"}}) == "404 item_unknown");
    CHECK(post("/api/hq/conflicts/", {{"action", "keep"}}, admin).status == 404);

    const Response done = post(path, {{"action", "setValue"}, {"value", "333"}}, admin);
    REQUIRE(done.status == 200);
    const auto item = Json::parse(done.body);
    CHECK(item["status"] == "resolved");
    CHECK(item["action"] == "setValue");
    CHECK(item["decidedBy"] == "hq:admin@hq.example");
    CHECK(item["actions"] == Json{"keep"});
    pqxx::connection connection(hq.world.url());
    const std::string phone = "SELECT phone FROM owner WHERE id = '" + owner + "'";
    CHECK(test::value_of(connection, phone) == "333");
    CHECK(
        test::value_of(connection,
                       "SELECT string_agg(actor || ' ' || address || ' ' || (detail ->> 'outcome'), ',' ORDER BY id) "
                       "FROM audit_log WHERE action = 'item decide'") ==
        "hq:admin@hq.example 192.0.2.1 refused,hq:admin@hq.example 192.0.2.1 late,hq:admin@hq.example 192.0.2.1 done");
    CHECK(post(path, {{"action", "keep"}}, admin).status == 200);
    CHECK(test::value_of(connection, phone) == "111");
}

TEST_CASE("hq: few reports run at once, the next wait without a thread", "[central][hq]") {
    Hq hq;
    const std::string token = hq.token("analyst");
    pqxx::connection other(hq.world.url());
    auto holder = std::make_unique<pqxx::work>(other);
    holder->exec("LOCK TABLE bill IN ACCESS EXCLUSIVE MODE");
    const auto ask = [&] { return hq.call("GET", "/api/hq/reports/revenue", token); };
    auto first = std::async(std::launch::async, ask), second = std::async(std::launch::async, ask);
    Response third;
    pqxx::connection watch(hq.world.url());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    // Until both hold a place this one is answered by the lock itself, and asked again.
    while (!third.deferred && std::chrono::steady_clock::now() < deadline) {
        if (test::value_of(watch, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'bill'::regclass") !=
            "2") {
            continue;
        }
        third = ask();
    }
    REQUIRE(third.deferred);
    std::promise<void> ready;
    third.deferred->start([&] { ready.set_value(); });
    holder->abort();
    CHECK(first.get().status == 200);
    CHECK(second.get().status == 200);
    REQUIRE(ready.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    const auto answer = third.deferred->finish();
    CHECK(answer.status == 200);
    CHECK_FALSE(header_of(answer, "X-Body-SHA256").empty());
}

}  // namespace vetchart::central
