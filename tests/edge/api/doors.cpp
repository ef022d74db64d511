// What a web page can make a browser send to a node, names that are not the node's, and what a request may hold.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <new>

#include "edge/api/site_check.h"
#include "tests/edge/api/fixture.h"

using vetchart::edge::ApiOptions;
using vetchart::edge::MetricsFor;
using vetchart::edge::OwnNames;
using vetchart::test::ApiNode;
using vetchart::test::Json;
using vetchart::test::Reply;
using vetchart::test::send_raw;

namespace {

const Json kSetup{{"adminEmail", "me@here.example"}, {"password", "correct horse"}, {"clinicName", "Here"}};

bool is_new(ApiNode& node) { return node.get("/api/setup", "").json["needed"] == true; }

Reply set_up(ApiNode& node, const httplib::Headers& headers, const std::string& type = "application/json") {
    return node.send_text("POST", "/api/setup", kSetup.dump(), type, headers);
}

std::string code_of(const Reply& reply) { return reply.json.is_object() ? reply.json.value("code", "") : ""; }

/// The values of a list that no reader could hold cheaply: many small objects.
std::string many_objects(std::size_t bytes) {
    std::string text = R"({"a":[{"":0})";
    while (text.size() + 10 < bytes) text += R"(,{"":0})";
    return text + "]}";
}

}  // namespace

TEST_CASE("doors: a node for this computer is asked under its own names alone", "[edge][api][doors]") {
    const OwnNames own("127.0.0.1", {}, false);
    for (const char* host : {"localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1:8080", "127.1.2.3", "[::1]:80"}) {
        INFO(host);
        CHECK(own.has(host));
    }
    for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.5", "[::2]",
                             "evil.example:8080", "", ":80", "[", "2130706433", "0x7f.1", "127.1", "0.0.0.0"}) {
        INFO(host);
        CHECK_FALSE(own.has(host));
    }
    CHECK(OwnNames("127.0.0.1", {"Vet.Example"}, false).has("vet.example:8080"));
    // On the network of the house by any address, since a page of another site has a name, and by the computer's name.
    const OwnNames house("192.168.1.5", {}, false);
    CHECK(house.has("192.168.1.5:8080"));
    CHECK(house.has("10.0.0.1"));
    CHECK_FALSE(house.has("evil.example"));
    CHECK(OwnNames("127.0.0.1", {}, true).has("10.0.0.1"));
    CHECK_FALSE(OwnNames("127.0.0.1", {}, true).has("evil.example"));
}

TEST_CASE("doors: a request under a foreign name is answered by nothing but a refusal", "[edge][api][doors]") {
    ApiNode node(ApiNode::State::empty, [](ApiOptions& options) { options.hosts = {"vet.example"}; });
    for (const auto& [method, path] : {std::pair{"GET", "/"},
                                       {"GET", "/api/health"},
                                       {"GET", "/api/setup"},
                                       {"GET", "/metrics"},
                                       {"HEAD", "/"},
                                       {"OPTIONS", "/api/owners"},
                                       {"DELETE", "/api/owners/1"}}) {
        INFO(method << " " << path);
        CHECK(node.send_text(method, path, "", "", {{"Host", "evil.example:80"}}).status == 421);
    }
    const Reply rebound = set_up(node, {{"Host", "evil.example"}, {"Sec-Fetch-Site", "same-origin"}});
    CHECK(rebound.status == 421);
    CHECK(code_of(rebound) == "wrong_host");
    CHECK(is_new(node));
    CHECK(node.send_text("GET", "/api/health", "", "", {{"Host", "vet.example"}}).status == 200);
    CHECK(send_raw(node.port, "GET /api/health HTTP/1.0\r\n\r\n").find(" 200 ") != std::string::npos);
}

TEST_CASE("doors: no page of another site sets a node up", "[edge][api][doors]") {
    ApiNode node(ApiNode::State::empty);
    const std::string own = "http://127.0.0.1:" + std::to_string(node.port);
    for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
                             "text/plain; application/json", "application/jsonx"}) {
        INFO(type);
        CHECK(set_up(node, {}, type).status == 415);
    }
    for (const char* origin : {"http://evil.example", "null", "http://127.0.0.1:1", "http://localhost.evil.example",
                               "file://", "http://127.0.0.1.evil.example"}) {
        INFO(origin);
        CHECK(code_of(set_up(node, {{"Origin", origin}})) == "other_site");
    }
    for (const char* site : {"cross-site", "same-site"}) {
        INFO(site);
        CHECK(code_of(set_up(node, {{"Sec-Fetch-Site", site}})) == "other_site");
        CHECK(code_of(set_up(node, {{"Sec-Fetch-Site", site}, {"Origin", own}})) == "other_site");
    }
    CHECK(is_new(node));
    CHECK(set_up(node, {{"Origin", own}}).status == 201);
}

TEST_CASE("doors: pages of this node and of allowed origins may change things", "[edge][api][doors]") {
    ApiNode node(ApiNode::State::set_up, [](ApiOptions& options) { options.origins = {"http://old.example"}; });
    const auto post = [&](const httplib::Headers& headers) {
        return node.send("POST", "/api/service-items", {{"description", "Exam"}, {"unitPrice", 5}}, "admin", headers)
            .status;
    };
    CHECK(post({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://127.0.0.1"}}) == 201);
    CHECK(post({{"Sec-Fetch-Site", "none"}}) == 201);
    CHECK(post({{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://old.example"}}) == 201);
    CHECK(post({{"Origin", "http://old.example"}}) == 201);
    CHECK(post({}) == 201);
    CHECK(post({{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://evil.example"}}) == 403);
}

TEST_CASE("doors: the metrics are for everyone, for this computer, or for nobody", "[edge][api][doors]") {
    const auto status = [](MetricsFor readers, const httplib::Headers& headers) {
        ApiNode node(ApiNode::State::empty, [&](ApiOptions& options) { options.metrics_for = readers; });
        return node.send_text("GET", "/metrics", "", "", headers).status;
    };
    CHECK(status(MetricsFor::everyone, {{"X-Forwarded-For", "192.0.2.1"}}) == 200);
    CHECK(status(MetricsFor::this_computer, {}) == 200);
    CHECK(status(MetricsFor::this_computer, {{"X-Forwarded-For", "192.0.2.1"}}) == 404);
    CHECK(status(MetricsFor::nobody, {}) == 404);
}

TEST_CASE("doors: an exception in a handler is a 500, also for want of memory, and the node goes on",
          "[edge][api][doors]") {
    std::atomic<int> kind{0};
    ApiNode node(ApiNode::State::empty, [&](ApiOptions& options) {
        options.status = [&]() -> vetchart::Result<vetchart::edge::SyncStatus> {
            if (kind == 1) throw std::bad_alloc();
            if (kind == 2) throw std::runtime_error("secret");
            if (kind == 3) throw 3;
            return vetchart::edge::SyncStatus{};
        };
    });
    for (kind = 1; kind <= 3; ++kind) {
        INFO(kind);
        const std::string answer =
            send_raw(node.port, "GET /api/setup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        CHECK(answer.starts_with("HTTP/1.1 500"));
        CHECK(answer.find("\"internal\"") != std::string::npos);
        CHECK(answer.find("secret") == std::string::npos);
    }
    kind = 0;
    CHECK(is_new(node));
}

TEST_CASE("doors: what bodies become in memory is bounded in all, and 503 says when to come again",
          "[edge][api][doors]") {
    ApiNode node(ApiNode::State::set_up, [](ApiOptions& options) { options.memory_bytes = 4U << 20U; });
    const Reply refused = node.send_text("POST", "/api/auth/login", many_objects(500000));
    CHECK(refused.status == 503);
    CHECK(code_of(refused) == "busy");
    CHECK(refused.header("Retry-After") == "1");
    CHECK(node.send_text("POST", "/api/auth/login", many_objects(50000)).status == 401);
    // A chunked body could become the largest one: it counts as that until it has ended.
    CHECK(send_raw(node.port,
                   "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                   "Connection: close\r\nContent-Type: application/json\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
              .starts_with("HTTP/1.1 401"));
}

TEST_CASE("doors: large answers held at once are bounded in all", "[edge][api][doors]") {
    ApiNode node(ApiNode::State::set_up, [](ApiOptions& options) { options.memory_bytes = 1U << 20U; });
    node.execute(
        "INSERT INTO owner(id,clinic_id,first_name,last_name,notes) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT"
        " i+1 FROM n WHERE i<400) SELECT printf('%08x-0000-4000-8000-000000000000',i),'" +
        node.clinic_id + "','First','Last',printf('%.*c',15000,'x') FROM n");
    CHECK(node.get("/api/owners?limit=50").json.size() == 50);
    CHECK(node.get("/api/owners?limit=400").status == 503);
    // Streamed, in flat memory.
    CHECK(node.get("/api/owners").json.size() == 400);
    CHECK(node.get("/api/owners?limit=50").status == 200);
}

TEST_CASE("doors: a page of long rows ends early and leads to the next", "[edge][api][doors]") {
    ApiNode node;
    node.execute(
        "INSERT INTO owner(id,clinic_id,first_name,last_name,notes) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT"
        " i+1 FROM n WHERE i<500) SELECT printf('%08x-0000-4000-8000-000000000000',i),'" +
        node.clinic_id + "','First','Last',printf('%.*c',19000,'x') FROM n");
    std::size_t seen = 0, pages = 0;
    std::string path = "/api/owners?limit=500";
    while (!path.empty()) {
        const Reply page = node.get(path);
        REQUIRE(page.status == 200);
        CHECK(page.body.size() < (4U << 20U) + 40000);
        seen += page.json.size();
        ++pages;
        const std::string link = page.header("Link");
        path = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    CHECK(seen == 500);
    CHECK(pages == 3);
}

TEST_CASE("doors: a kept connection is open for longer than its answers announce", "[edge][api][doors]") {
    ApiNode node(ApiNode::State::empty, [](ApiOptions& options) { options.limits.idle_ms = 4000; });
    const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(node.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    const std::string request = "GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    REQUIRE(::send(handle, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
    std::string answer;
    for (ssize_t got = 1; got > 0 && !answer.ends_with('}');) {
        std::array<char, 4096> piece{};
        got = ::recv(handle, piece.data(), piece.size(), 0);
        if (got > 0) answer.append(piece.data(), static_cast<std::size_t>(got));
    }
    CHECK(answer.find("Keep-Alive: timeout=1,") != std::string::npos);
    // Nothing comes, and no end, for twice as long; then there is one.
    pollfd watched{handle, POLLIN, 0};
    CHECK(::poll(&watched, 1, 2000) == 0);
    CHECK(::poll(&watched, 1, 10000) == 1);
    char byte = 0;
    CHECK(::recv(handle, &byte, 1, 0) == 0);
    ::close(handle);
}

TEST_CASE("doors: when few threads are left, answers close their connections", "[edge][api][doors]") {
    ApiNode node(ApiNode::State::empty, [](ApiOptions& options) { options.threads = 4; });
    std::vector<std::unique_ptr<httplib::Client>> pages;
    for (int i = 0; i < 3; ++i) {
        pages.push_back(std::make_unique<httplib::Client>("127.0.0.1", node.port));
        pages.back()->set_keep_alive(true);
        const auto reply = pages.back()->Get("/api/health");
        REQUIRE(reply);
        CHECK(reply->get_header_value("Connection") != "close");
    }
    // The fourth of four threads: taken for this answer only, so that whoever comes next finds one.
    const auto last = httplib::Client("127.0.0.1", node.port).Get("/api/health");
    REQUIRE(last);
    CHECK(last->get_header_value("Connection") == "close");
}
