#include <sodium.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "edge/api/passwords.h"
#include "edge/store/people/accounts.h"
#include "tests/edge/api/fixture.h"

using vetchart::edge::PasswordWork;
using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;

namespace {

Reply log_in(ApiNode& node, const std::string& name, const std::string& password, const httplib::Headers& more = {}) {
    return node.send("POST", "/api/auth/login", {{"username", name}, {"password", password}}, "", more);
}

std::string device_cookie(const Reply& reply) {
    const auto [begin, end] = reply.headers.equal_range("Set-Cookie");
    for (auto header = begin; header != end; ++header) {
        if (header->second.starts_with("vetchart_device_")) return header->second.substr(0, header->second.find(';'));
    }
    return {};
}

/// A password that is refused before anything is computed of it, and counted all the same.
const std::string kTooLong(2000, 'x');

/// Tries wrong passwords for `name` until 429, `limit` at most; returns how many were let through.
int guess(ApiNode& node, const std::string& name, int limit, const httplib::Headers& more = {}) {
    for (int i = 0; i < limit; ++i) {
        if (log_in(node, name, kTooLong, more).status == 429) return i;
    }
    return limit;
}

}  // namespace

TEST_CASE("api: a hash whose cost is a weapon opens nothing, holds up nothing, and is told to admins",
          "[edge][api][logins]") {
    ApiNode node;
    const std::string rest = "abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK";
    const auto began = std::chrono::steady_clock::now();
    for (const std::string& hash : {"$2b$31$" + rest, "$2y$15$" + rest,
                                    std::string("$argon2id$v=19$m=4194304,t=2,p=1$cGuWQyAg/PEXFn87vJhDcA$") +
                                        "FnT6QNn6oBOlIpnb0V2npKY3O8Y8KUU6ImagEUat+iU",
                                    std::string("!"), std::string()}) {
        INFO(hash);
        node.execute("UPDATE staff SET password_hash='" + hash + "' WHERE username='vet'");
        CHECK(log_in(node, "vet", "password").status == 401);
    }
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
    for (const Json& row : node.get("/api/staff").json) {
        INFO(row.dump());
        CHECK(row["hasPassword"] == (row["username"] != "vet"));
    }
    const std::string id = node.get("/api/staff").json[0]["id"].get<std::string>();
    CHECK(node.put("/api/staff/" + id, {{"lastName", "Aaa"}}).json.contains("hasPassword"));
}

TEST_CASE("api: a password that bcrypt reads in part is kept in no better form", "[edge][api][logins]") {
    ApiNode node;
    // Of 80 letters x: bcrypt reads 72 of them.
    node.execute(
        "UPDATE staff SET password_hash='$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i'"
        " WHERE username='vet'");
    const std::string whole(80, 'x');
    CHECK(log_in(node, "vet", whole.substr(0, 71)).status == 401);
    CHECK(log_in(node, "vet", whole.substr(0, 72) + "a slip").status == 200);
    CHECK(node.number("SELECT count(*) FROM local_password") == 0);
    CHECK(log_in(node, "vet", whole).status == 200);
    CHECK(log_in(node, "vet", std::string(5000, 'x')).status == 401);
}

TEST_CASE("api: passwords and e-mails are the same however their letters were typed", "[edge][api][logins]") {
    const std::string composed = "p\u00E4ssw\u00F6rter", apart = "pa\u0308sswo\u0308rter";
    ApiNode node;
    int count = 0;
    const auto add = [&](const std::string& email, const std::string& password) {
        return node.post("/api/staff", {{"email", email},
                                        {"username", "zoe" + std::to_string(++count)},
                                        {"firstName", "Zo\u00EB"},
                                        {"lastName", "Lee"},
                                        {"roles", {"staff"}},
                                        {"password", password}});
    };
    REQUIRE(add("zoe\u0308@mail.example", apart).status == 201);
    CHECK(add("ZO\u00EB@mail.example", composed).status == 409);
    CHECK(add("zo\u00EB@mail.example", composed).status == 409);
    for (const std::string& email : {std::string("zo\u00EB@mail.example"), std::string(" zoe\u0308@mail.example")}) {
        for (const std::string& password : {composed, apart}) CHECK(log_in(node, email, password).status == 200);
    }
    CHECK(log_in(node, "zo\u00EB@mail.example", "passworter").status == 401);
    // An owner's address is compared in the same form.
    const auto owner = [&node](const std::string& email) {
        return node.post("/api/owners", {{"firstName", "A"}, {"lastName", "B"}, {"email", email}}).status;
    };
    CHECK(owner("ju\u0308rgen@mail.example") == 201);
    CHECK(owner("j\u00FCrgen@mail.example") == 409);
    // A hash made before this rule is of what was typed, and opens to the same typing.
    std::array<char, crypto_pwhash_STRBYTES> old{};
    REQUIRE(crypto_pwhash_str(old.data(), apart.data(), apart.size(), crypto_pwhash_OPSLIMIT_MIN,
                              crypto_pwhash_MEMLIMIT_MIN) == 0);
    node.execute(std::string("UPDATE staff SET password_hash='") + old.data() + "' WHERE username='vet'");
    CHECK(log_in(node, "vet", apart).status == 200);
    CHECK(log_in(node, "vet", composed).status == 401);
    // The command line's.
    REQUIRE(vetchart::edge::set_password(*node.database, "zoe\u0308@mail.example", "neue " + apart).value() == 1);
    CHECK(log_in(node, "zo\u00EB@mail.example", "neue " + composed).status == 200);
}

TEST_CASE("passwords: a few are worked at, a few wait, the others are told to come again", "[edge][api][logins]") {
    PasswordWork work;
    auto first = work.take();
    auto second = work.take();
    REQUIRE(first);
    REQUIRE(second);
    std::atomic<int> waited{0}, refused{0};
    std::vector<std::thread> crowd;
    for (int i = 0; i < 3 * PasswordWork::kWaitingMax; ++i) {
        crowd.emplace_back([&] {
            if (work.take())
                ++waited;
            else
                ++refused;
        });
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (refused < 2 * PasswordWork::kWaitingMax && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    CHECK(refused == 2 * PasswordWork::kWaitingMax);
    CHECK(waited == 0);
    CHECK(first->may_go_on());
    first.reset();
    for (auto& client : crowd) client.join();
    CHECK(waited == PasswordWork::kWaitingMax);
    work.stop();
    CHECK_FALSE(work.take());
    CHECK_FALSE(second->may_go_on());
}

TEST_CASE("passwords: a stop sends everybody home who waits", "[edge][api][logins]") {
    PasswordWork work;
    auto first = work.take();
    auto second = work.take();
    std::atomic<int> refused{0};
    std::thread waiting([&] { refused += work.take() ? 0 : 1; });
    work.stop();
    waiting.join();
    CHECK(refused == 1);
}

TEST_CASE("api: logins by the dozen leave the node's other work alone, and end with the server",
          "[edge][api][logins]") {
    const std::string costly = "$2b$12$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK";
    auto node = std::make_unique<ApiNode>();
    node->execute("UPDATE staff SET password_hash='" + costly + "' WHERE username<>'admin'");
    std::atomic<int> told{0}, answered{0};
    std::vector<std::thread> crowd;
    for (int i = 0; i < 30; ++i) {
        crowd.emplace_back([&, port = node->port] {
            httplib::Client client("127.0.0.1", port);
            client.set_read_timeout(60);
            const auto reply =
                client.Post("/api/auth/login", R"({"username":"vet","password":"wrong password"})", "application/json");
            if (reply) ++answered;
            if (reply && reply->status == 503 && reply->has_header("Retry-After")) ++told;
            if (reply && reply->status == 429 && reply->has_header("Retry-After")) ++told;
        });
    }
    // While they wait for their turns.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (told == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(node->get("/api/auth/me").status == 200);
    const auto began = std::chrono::steady_clock::now();
    node.reset();
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
    for (auto& client : crowd) client.join();
    CHECK(told > 0);
}

TEST_CASE("api: failures at one PC lock nobody else there", "[edge][api][logins]") {
    ApiNode node;
    for (int i = 0; i < 8; ++i) CHECK(guess(node, "name " + std::to_string(i), 10) == 10);
    CHECK(guess(node, "vet", 20) == 10);
    CHECK(log_in(node, "staff", ApiNode::kPassword).status == 200);
}

TEST_CASE("api: a browser that is known logs in while strangers are locked out of the name", "[edge][api][logins]") {
    ApiNode node;
    const Reply known = log_in(node, "vet", ApiNode::kPassword);
    const std::string cookie = device_cookie(known);
    REQUIRE_FALSE(cookie.empty());
    const auto [begin, end] = known.headers.equal_range("Set-Cookie");
    for (auto header = begin; header != end; ++header) CHECK(header->second.find("HttpOnly") != std::string::npos);
    CHECK(guess(node, "vet", 20) == 10);
    CHECK(guess(node, "vet@vetchart.example", 20) == 10);
    CHECK(log_in(node, "vet", ApiNode::kPassword).status == 429);
    CHECK(log_in(node, "vet", ApiNode::kPassword, {{"Cookie", cookie}}).status == 200);
    // Also by the other name, but for nobody else's.
    CHECK(log_in(node, "Vet@vetchart.example", ApiNode::kPassword, {{"Cookie", cookie}}).status == 200);
    CHECK(guess(node, "staff", 20, {{"Cookie", cookie}}) == 10);
    // A forged one is none.
    CHECK(log_in(node, "vet", ApiNode::kPassword, {{"Cookie", cookie + "x"}}).status == 429);
    // It is no free pass for who has stolen it.
    CHECK(guess(node, "vet", 20, {{"Cookie", cookie}}) == 10);
}

TEST_CASE("api: who is logged in changes the own password whatever others fail at", "[edge][api][logins]") {
    ApiNode node;
    const std::string id = node.get("/api/auth/me", "vet").json["id"].get<std::string>();
    (void)guess(node, "vet@vetchart.example", 20);
    const std::string path = "/api/staff/" + id + "/password";
    const Json body{{"password", "a new password"}, {"currentPassword", ApiNode::kPassword}};
    Json wrong = body;
    wrong["currentPassword"] = "a guess";
    for (int i = 0; i < 9; ++i) CHECK(node.post(path, wrong, "vet").status == 403);
    CHECK(node.post(path, body, "vet").status == 200);
}

TEST_CASE("api: behind a proxy the address is what it says, and never without one", "[edge][api][logins]") {
    const auto from = [](const std::string& address) { return httplib::Headers{{"X-Forwarded-For", address}}; };
    ApiNode open;
    for (int i = 0; i < 10; ++i)
        CHECK(log_in(open, "vet", kTooLong, from("192.0.2." + std::to_string(i))).status == 401);
    CHECK(log_in(open, "vet", ApiNode::kPassword, from("192.0.2.99")).status == 429);

    ApiNode node(ApiNode::State::set_up, [](vetchart::edge::ApiOptions& options) { options.behind_proxy = true; });
    // What stands before the proxy's own entry is the attacker's.
    for (int i = 0; i < 10; ++i) {
        const auto forged = from("192.0.2." + std::to_string(i) + ", 198.51.100.7");
        CHECK(log_in(node, "vet", kTooLong, forged).status == 401);
    }
    CHECK(log_in(node, "vet", kTooLong, from("198.51.100.7")).status == 429);
    httplib::Headers lines = from("192.0.2.1");
    lines.emplace("X-Forwarded-For", "198.51.100.7");
    CHECK(log_in(node, "vet", kTooLong, lines).status == 429);
    CHECK(log_in(node, "vet", ApiNode::kPassword, from("198.51.100.8")).status == 200);
}
