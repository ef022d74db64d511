#include "edge/store/people/sessions.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "edge/api/tokens.h"
#include "edge/cli/open_node.h"
#include "edge/store/log/sync_store.h"
#include "sync/base/digest.h"
#include "tests/edge/api/fixture.h"
#include "tests/support/chance.h"

using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

std::string staff_id(ApiNode& node, const std::string& name) {
    for (const Json& row : node.get("/api/staff").json) {
        if (row["username"] == name) return row["id"].get<std::string>();
    }
    FAIL("no such staff: " << name);
    return {};
}

int status_of(ApiNode& node, const std::string& token) {
    return node.send("GET", "/api/auth/me", nullptr, "", {{"Authorization", "Bearer " + token}}).status;
}

Reply send_with(ApiNode& node, const std::string& path, const std::string& token) {
    return node.send("POST", path, nullptr, "", {{"Authorization", "Bearer " + token}});
}

/// The cookie of this kind that an answer sets, as NAME=VALUE.
std::string cookie_of(const Reply& reply, const std::string& kind) {
    const auto [begin, end] = reply.headers.equal_range("Set-Cookie");
    for (auto header = begin; header != end; ++header) {
        if (header->second.starts_with("vetchart_" + kind)) return header->second.substr(0, header->second.find(';'));
    }
    return {};
}

Reply log_in(ApiNode& node, const std::string& name, const httplib::Headers& more = {}) {
    return node.send("POST", "/api/auth/login", {{"username", name}, {"password", ApiNode::kPassword}}, "", more);
}

}  // namespace

TEST_CASE("api: logging out ends that session, and no other of the person", "[edge][api][sessions]") {
    ApiNode node;
    const std::string first = node.log_in("vet", ApiNode::kPassword);
    const std::string second = node.log_in("vet", ApiNode::kPassword);
    CHECK(first != second);
    CHECK(send_with(node, "/api/auth/logout", first).status == 204);
    CHECK(status_of(node, first) == 403);
    CHECK(status_of(node, second) == 200);
    // Once more, with a token that is none, and with none.
    CHECK(send_with(node, "/api/auth/logout", first).status == 204);
    CHECK(send_with(node, "/api/auth/logout", "nonsense").status == 204);
    CHECK(node.send("POST", "/api/auth/logout", nullptr, "").status == 204);
    CHECK(status_of(node, second) == 200);
}

TEST_CASE("api: all sessions of a person end at once, by the person or by an administrator", "[edge][api][sessions]") {
    ApiNode node;
    const std::string first = node.log_in("vet", ApiNode::kPassword);
    const std::string second = node.log_in("vet@vetchart.example", ApiNode::kPassword);
    CHECK(send_with(node, "/api/auth/logout?everywhere=true", first).status == 204);
    CHECK(status_of(node, first) == 403);
    CHECK(status_of(node, second) == 403);
    CHECK(node.get("/api/auth/me", "staff").status == 200);
    CHECK(send_with(node, "/api/auth/logout?everywhere=true", first).status == 403);

    const std::string three = node.log_in("vet", ApiNode::kPassword);
    const std::string path = "/api/staff/" + staff_id(node, "vet") + "/logout";
    CHECK(node.post(path, nullptr, "staff").status == 403);
    CHECK(status_of(node, three) == 200);
    CHECK(node.post(path, nullptr).status == 200);
    CHECK(status_of(node, three) == 403);
    CHECK(node.post("/api/staff/11111111-1111-4111-8111-111111111111/logout", nullptr).status == 404);
}

TEST_CASE("api: what changed a person's login ends the sessions for good, whoever wrote it", "[edge][api][sessions]") {
    ApiNode node;
    const auto ends = [&](const std::string& change, const std::string& back) {
        INFO(change);
        const std::string token = node.log_in("vet@vetchart.example", ApiNode::kPassword);
        node.execute("UPDATE staff SET " + change + " WHERE username='vet'");
        const int after = status_of(node, token);
        node.execute("UPDATE staff SET " + back + " WHERE username='vet'");
        return after == 403 && status_of(node, token) == 403;
    };
    node.execute("CREATE TABLE kept AS SELECT password_hash FROM staff WHERE username='vet'");
    CHECK(ends("active=0", "active=1"));
    CHECK(ends("password_hash='!'", "password_hash=(SELECT password_hash FROM kept)"));
    CHECK(ends("email='other@vetchart.example'", "email='vet@vetchart.example'"));
    // A role is read anew with every request: it needs no new login.
    const std::string token = node.log_in("vet@vetchart.example", ApiNode::kPassword);
    node.execute("UPDATE staff SET roles='[\"staff\"]', last_name='Other' WHERE username='vet'");
    CHECK(status_of(node, token) == 200);
}

TEST_CASE("api: a pull that changes a login ends its sessions, one that leaves it does not", "[edge][api][sessions]") {
    ApiNode node;
    const std::string token = node.log_in("vet@vetchart.example", ApiNode::kPassword);
    // As an apply does it: the row goes back to its base, and its own work is replayed on top.
    const auto apply = [&](const std::string& last) {
        const auto applied = node.database->apply([&](vetchart::edge::Connection& connection) -> vetchart::Status {
            connection.exec("CREATE TABLE kept AS SELECT password_hash FROM staff WHERE username='vet'");
            connection.exec("UPDATE staff SET password_hash='!', active=0 WHERE username='vet'");
            connection.exec(("UPDATE staff SET active=1, password_hash=" + last + " WHERE username='vet'").c_str());
            connection.exec("DROP TABLE kept");
            vetchart::edge::end_outdated_sessions(connection);
            return vetchart::Done{};
        });
        REQUIRE(applied);
    };
    apply("(SELECT password_hash FROM kept)");
    CHECK(status_of(node, token) == 200);
    apply("'$2b$10$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK'");
    CHECK(status_of(node, token) == 403);
    CHECK(node.number("SELECT count(*) FROM login_session WHERE email='vet@vetchart.example'") == 0);
}

TEST_CASE("api: sessions are bounded per person, and expired ones go", "[edge][api][sessions]") {
    ApiNode node;
    node.execute(
        "INSERT INTO login_session SELECT 'old',staff_id,email,mark,created_at,'2020-01-01T00:00:00.000Z'"
        " FROM login_session LIMIT 1");
    const std::string token = node.log_in("vet", ApiNode::kPassword);
    CHECK(node.number("SELECT count(*) FROM login_session WHERE id='old'") == 0);
    node.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<500)"
        " INSERT INTO login_session SELECT 'n'||i,staff_id,email,mark,'2020-01-01T00:00:00.000Z',expires_at"
        " FROM n, (SELECT * FROM login_session WHERE email='vet@vetchart.example' LIMIT 1)");
    const std::string newest = node.log_in("vet", ApiNode::kPassword);
    CHECK(node.number("SELECT count(*) FROM login_session WHERE email='vet@vetchart.example'") ==
          vetchart::edge::kSessionsPerPersonMax);
    CHECK(status_of(node, newest) == 200);
    CHECK(status_of(node, token) == 200);
}

TEST_CASE("api: a request writes nothing for its session", "[edge][api][sessions]") {
    ApiNode node;
    const std::filesystem::path log = node.database->file().string() + "-wal";
    CHECK(node.get("/api/auth/me").status == 200);
    const auto before = std::filesystem::last_write_time(log);
    for (int i = 0; i < 20; ++i) CHECK(node.get("/api/auth/me").status == 200);
    CHECK(std::filesystem::last_write_time(log) == before);
}

TEST_CASE("api: a node's cookies have a name of their own", "[edge][api][sessions]") {
    ApiNode north;
    ApiNode south;
    const std::string at_north = cookie_of(log_in(north, "vet"), "session");
    const std::string at_south = cookie_of(log_in(south, "vet"), "session");
    REQUIRE_FALSE(at_north.empty());
    CHECK(at_north.substr(0, at_north.find('=')) != at_south.substr(0, at_south.find('=')));
    // A browser sends both to both, since they differ in the port alone.
    const httplib::Headers both{{"Cookie", at_north + "; " + at_south}, {"X-VetChart", "1"}};
    CHECK(north.send("GET", "/api/auth/me", nullptr, "", both).status == 200);
    CHECK(south.send("GET", "/api/auth/me", nullptr, "", both).status == 200);
    CHECK(north.send("POST", "/api/auth/logout", nullptr, "", both).status == 204);
    CHECK(north.send("GET", "/api/auth/me", nullptr, "", both).status == 403);
    CHECK(south.send("GET", "/api/auth/me", nullptr, "", both).status == 200);
}

TEST_CASE("api: a page drawn for one person does nothing in the name of another", "[edge][api][sessions]") {
    ApiNode node;
    const std::string vet = staff_id(node, "vet");
    const std::string staff = staff_id(node, "staff");
    const std::string cookie = cookie_of(log_in(node, "staff"), "session");
    httplib::Headers headers{{"Cookie", cookie}, {"X-VetChart", "1"}, {"X-VetChart-User", vet}};
    const Json owner{{"firstName", "A"}, {"lastName", "B"}};
    const Reply refused = node.send("POST", "/api/owners", owner, "", headers);
    CHECK(refused.status == 409);
    CHECK(refused.json["code"] == "other_user");
    CHECK(node.send("GET", "/api/owners", nullptr, "", headers).status == 409);
    CHECK(node.number("SELECT count(*) FROM owner") == 0);
    headers.erase("X-VetChart-User");
    headers.emplace("X-VetChart-User", staff);
    CHECK(node.send("POST", "/api/owners", owner, "", headers).status == 201);
}

TEST_CASE("api: a page that listens hears nothing more when its session ends", "[edge][api][sessions]") {
    ApiNode node;
    const std::string token = node.log_in("vet", ApiNode::kPassword);
    httplib::Client listener("127.0.0.1", node.port);
    listener.set_read_timeout(30);
    bool logged_out = false;
    std::string after;
    const auto ended =
        listener.Get("/api/events", {{"Authorization", "Bearer " + token}}, [&](const char* data, std::size_t size) {
            if (logged_out) after.append(data, size);
            if (logged_out) return true;
            logged_out = send_with(node, "/api/auth/logout", token).status == 204;
            node.new_owner();
            return true;
        });
    CHECK(ended);
    CHECK(logged_out);
    CHECK(after.find("owner") == std::string::npos);
}

TEST_CASE("api: a life that begins anew begins without sessions", "[edge][api][sessions]") {
    ApiNode node;
    vetchart::edge::SyncStore store(*node.database);
    CHECK(node.get("/api/auth/me").status == 200);
    REQUIRE(store.lives.fork("no life", 0, "AAAAA"));
    CHECK(node.get("/api/auth/me").status == 403);
    CHECK(node.number("SELECT count(*) FROM login_session") == 0);
}

TEST_CASE("api: a restored or copied database revives no session, a restarted node keeps them",
          "[edge][api][sessions]") {
    using vetchart::edge::OpenNode;
    const vetchart::test::TempDir root;
    const vetchart::edge::NodeFolder folder{root / "node"};
    const auto count = [](OpenNode& node) {
        std::int64_t found = -1;
        const auto read = node.database().maintain([&](vetchart::edge::Connection& connection) -> vetchart::Status {
            found = connection.raw().execAndGet("SELECT count(*) FROM login_session").getInt64();
            return vetchart::Done{};
        });
        REQUIRE(read);
        return found;
    };
    {
        auto node = OpenNode::open(folder, vetchart::test::chance());
        REQUIRE(node);
        REQUIRE((*node)->database().maintain([](vetchart::edge::Connection& connection) -> vetchart::Status {
            connection.exec("INSERT INTO login_session VALUES('s','x','e','m','2020-01-01','2099-01-01')");
            return vetchart::Done{};
        }));
    }
    {
        auto node = OpenNode::open(folder, vetchart::test::chance());
        REQUIRE(node);
        CHECK(count(**node) == 1);
    }
    // What `restore` does before it puts the backup in its place.
    std::filesystem::remove(folder.life());
    auto node = OpenNode::open(folder, vetchart::test::chance());
    REQUIRE(node);
    CHECK(count(**node) == 0);
}

TEST_CASE("api: an Idempotency-Key keeps no digest that a password could be guessed from", "[edge][api][sessions]") {
    ApiNode node;
    const Json body{{"email", "new@vetchart.example"},
                    {"firstName", "N"},
                    {"lastName", "N"},
                    {"roles", {"staff"}},
                    {"password", "quite guessable"}};
    const httplib::Headers key{{"Idempotency-Key", "k1"}};
    const Reply made = node.send("POST", "/api/staff", body, "admin", key);
    REQUIRE(made.status == 201);
    const Reply again = node.send("POST", "/api/staff", body, "admin", key);
    CHECK(again.status == 201);
    CHECK(again.json["id"] == made.json["id"]);
    Json other = body;
    other["password"] = "another guess";
    CHECK(node.send("POST", "/api/staff", other, "admin", key).status == 422);
    const std::string plain = vetchart::to_hex(vetchart::sha256(body.dump()));
    CHECK(node.number("SELECT count(*) FROM idempotency WHERE key='k1'") == 1);
    CHECK(node.number("SELECT count(*) FROM idempotency WHERE body_digest='" + plain + "'") == 0);
    CHECK(node.number("SELECT count(*) FROM idempotency WHERE body LIKE '%argon2%'") == 0);
    // An answer of before is still found by the digest of its time.
    node.execute("UPDATE idempotency SET body_digest='" + plain + "' WHERE key='k1'");
    CHECK(node.send("POST", "/api/staff", body, "admin", key).status == 201);
}
