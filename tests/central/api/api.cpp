#include <catch2/catch.hpp>
#include <future>
#include <pqxx/pqxx>

#include "tests/central/api/server_fixture.h"

namespace vetchart::central::server_test {

TEST_CASE("central: enrol, me, push, pull over HTTP, with a digest and gzip on the way", "[central][server]") {
    Central central;
    Node node = central.node({"NORTH"}, "ABCDE");
    const auto me = sync::parse_me_reply(test::http_call(central.port, "GET", "/sync/v1/me", node.headers("")).body);
    REQUIRE(me.ok());
    CHECK(me->name == "Desk ABCDE");
    CHECK(me->clinics.size() == 1);

    const std::string push = node.push_of(central.clinics["NORTH"]);
    auto headers = node.headers(push);
    headers.emplace_back("Content-Encoding", "gzip");
    const auto pushed = central.post("/sync/v1/push", headers, sync::gzip(push));
    CHECK(pushed.status == 200);
    const auto push_reply = sync::parse_push_reply(pushed.body);
    REQUIRE(push_reply.ok());
    CHECK(push_reply->last_seq == 1);
    CHECK(pushed.headers.at("x-body-sha256") == to_hex(sha256(pushed.body)));

    for (int i = 0; i < 5; ++i) {
        const std::string more = node.push_of(central.clinics["NORTH"]);
        REQUIRE(central.post("/sync/v1/push", node.headers(more), more).status == 200);
    }
    const std::string ask = central.pull_body("NORTH");
    headers = node.headers(ask);
    headers.emplace_back("Accept-Encoding", "gzip");
    const auto pulled = central.post("/sync/v1/pull", headers, ask);
    CHECK(pulled.status == 200);
    CHECK(pulled.headers.at("content-encoding") == "gzip");
    CHECK(pulled.headers.at("x-body-sha256") == to_hex(sha256(pulled.body)));
    const auto page = sync::parse_pull_reply(pulled.body);
    REQUIRE(page.ok());
    CHECK(page->rows.size() == 7);  // The clinic and six owners.
    CHECK_FALSE(page->more);

    const auto again = sync::parse_push_reply(central.post("/sync/v1/push", node.headers(push), push).body);
    REQUIRE(again.ok());
    CHECK(again->results.front().versions == push_reply->results.front().versions);
    CHECK(central.post("/sync/v1/pull", node.headers(ask), ask).body.size() == pulled.body.size());
}

TEST_CASE("central: wrong credentials, a revoked node, another clinic, another schema", "[central][server]") {
    Central central;
    Node node = central.node({"NORTH"}, "ABCDE");
    const std::string ask = central.pull_body("NORTH");
    const auto refused = [&](HttpHeaders headers, const std::string& body) {
        const auto reply = central.post("/sync/v1/pull", headers, body);
        CHECK(reply.headers.at("x-body-sha256") == to_hex(sha256(reply.body)));
        return std::to_string(reply.status) + " " + test::code_of(reply);
    };
    CHECK(refused(headers_for(ask), ask) == "401 node_unknown");
    Node stranger = node;
    stranger.secret += "x";
    CHECK(refused(stranger.headers(ask), ask) == "401 node_unknown");
    const std::string south = central.pull_body("SOUTH");
    CHECK(refused(node.headers(south), south) == "403 clinic_forbidden");
    const std::string push = node.push_of(central.clinics["SOUTH"]);
    CHECK(test::code_of(central.post("/sync/v1/push", node.headers(push), push)) == "clinic_forbidden");
    const std::string wait = central.wait_body("SOUTH", 0, 1000);
    CHECK(test::code_of(central.post("/sync/v1/wait", node.headers(wait), wait)) == "clinic_forbidden");
    auto newer = node.headers(ask);
    newer[2].second = "999";
    CHECK(refused(newer, ask) == "426 schema_unsupported");
    newer[2].second = "one";
    CHECK(refused(newer, ask) == "400 malformed");
    REQUIRE(revoke_node(*central.pool, "os:test", node.id).ok());
    CHECK(refused(node.headers(ask), ask) == "403 node_revoked");
}

TEST_CASE("central: bad input gets the documented error and changes nothing", "[central][server]") {
    Central central;
    const Node node = central.node({"NORTH"}, "ABCDE");
    const auto before = central.version_of("NORTH");
    const auto answer = [&](const std::string& path, const HttpHeaders& headers, const std::string& body) {
        const auto reply = central.post(path, headers, body);
        return std::to_string(reply.status) + " " + test::code_of(reply);
    };
    const auto push = [&](const std::string& body) { return answer("/sync/v1/push", node.headers(body), body); };
    CHECK(push("{") == "400 malformed");
    CHECK(push("") == "400 malformed");
    CHECK(push("[]") == "400 malformed");
    CHECK(push("{\"incarnation\": 7}") == "400 malformed");
    CHECK(push(std::string(200000, '[')) == "400 malformed");
    CHECK(push(std::string(200000, '[') + std::string(200000, ']')) == "400 malformed");
    CHECK(push("{\"incarnation\": \"\xff\xfe\"}") == "400 malformed");
    CHECK(push("{\"incarnation\": \"a\\u0000b\"}") == "400 malformed");
    CHECK(push("{\"health\": 1e999}") == "400 malformed");
    CHECK(push(std::string((8U << 20U) + 1, ' ')) == "413 too_large");

    auto headers = node.headers("{}");
    headers[1].second = std::string(64, '0');
    CHECK(answer("/sync/v1/push", headers, "{}") == "400 digest_mismatch");
    headers.erase(headers.begin() + 1);
    CHECK(answer("/sync/v1/push", headers, "{}") == "400 digest_mismatch");
    headers = node.headers("{}");
    headers[0].second = "text/plain";
    CHECK(answer("/sync/v1/push", headers, "{}") == "415 unsupported_type");
    headers = node.headers("{}");
    headers.emplace_back("Content-Encoding", "br");
    CHECK(answer("/sync/v1/push", headers, "{}") == "415 unsupported_encoding");
    headers.back().second = "gzip";
    CHECK(answer("/sync/v1/push", headers, "no gzip") == "400 malformed");
    const std::string bomb = sync::gzip(std::string(100U << 20U, ' '));
    CHECK(answer("/sync/v1/push", headers, bomb) == "413 too_large");
    CHECK(answer("/sync/v1/push", headers, sync::gzip("{}").substr(0, 10)) == "400 malformed");

    CHECK(answer("/sync/v1/nothing", node.headers("{}"), "{}") == "404 not_found");
    CHECK(answer("/sync/v1/me", node.headers("{}"), "{}") == "405 method_not_allowed");
    CHECK(answer("/metrics", node.headers("{}"), "{}") == "405 method_not_allowed");
    CHECK(test::http_call(central.port, "GET", "/").status == 404);
    CHECK(test::http_call(central.port, "GET", "/sync/v1/push").headers.at("allow") == "POST");
    CHECK(central.version_of("NORTH") == before);
    CHECK(test::http_call(central.port, "GET", "/api/health").status == 200);
}

TEST_CASE("central: a notification that no commit sent wakes nobody", "[central][server]") {
    Central central;
    const Node node = central.node({"NORTH"}, "ABCDE");
    REQUIRE(becomes_true([&] { return central.listener->connected(); }));
    const std::string body = central.wait_body("NORTH", central.version_of("NORTH"), 20000);
    auto waiting =
        std::async(std::launch::async, [&] { return central.post("/sync/v1/wait", node.headers(body), body); });
    REQUIRE(becomes_true([&] { return central.hub.size() == 1; }));
    pqxx::connection anybody(central.url);
    pqxx::nontransaction(anybody).exec("SELECT pg_notify('vetchart_feed', '" + central.clinics["NORTH"] +
                                       "'), pg_notify('vetchart_feed', 'no clinic'), pg_notify('vetchart_feed', '')");
    CHECK(waiting.wait_for(milliseconds(500)) == std::future_status::timeout);
    central.commit_by_sql("NORTH");
    CHECK(waiting.get().status == 200);
}

TEST_CASE("central: a long poll wakes within two seconds of a commit by SQL", "[central][server]") {
    Central central;
    const Node node = central.node({"NORTH"}, "ABCDE");
    const auto version = central.version_of("NORTH");
    REQUIRE(becomes_true([&] { return central.listener->connected(); }));
    const std::string body = central.wait_body("NORTH", version, 20000);
    auto waiting =
        std::async(std::launch::async, [&] { return central.post("/sync/v1/wait", node.headers(body), body); });
    REQUIRE(becomes_true([&] { return central.hub.size() == 1; }));
    central.commit_by_sql("SOUTH");
    const auto begun = std::chrono::steady_clock::now();
    central.commit_by_sql("NORTH");
    const auto reply = waiting.get();
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
    CHECK(sync::parse_wait_reply(reply.body)->changed == std::vector<std::string>{central.clinics["NORTH"]});
    CHECK(becomes_true([&] { return central.hub.size() == 0; }));
}

TEST_CASE("central: a long poll that is behind is answered at once, one with nothing new at its timeout",
          "[central][server]") {
    Central central;
    const Node node = central.node({"NORTH"}, "ABCDE");
    const auto version = central.version_of("NORTH");
    const auto wait = [&](std::int64_t seen, int timeout_ms) {
        const std::string body = central.wait_body("NORTH", seen, timeout_ms);
        const auto reply = sync::parse_wait_reply(central.post("/sync/v1/wait", node.headers(body), body).body);
        REQUIRE(reply.ok());
        return reply->changed.size();
    };
    const auto begun = std::chrono::steady_clock::now();
    CHECK(wait(version - 1, 20000) == 1);
    CHECK(wait(version, 300) == 0);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
}

TEST_CASE("central: a long poll ends when its node goes away", "[central][server]") {
    Central central;
    const Node node = central.node({"NORTH"}, "ABCDE");
    const std::string body = central.wait_body("NORTH", 1000000, 50000);
    {
        RawHttp client(central.port);
        std::string request = "POST /sync/v1/wait HTTP/1.1\r\nHost: t\r\n";
        for (const auto& [name, value] : node.headers(body)) request += name + ": " + value + "\r\n";
        client.send(request + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        REQUIRE(becomes_true([&] { return central.hub.size() == 1; }));
    }
    CHECK(becomes_true([&] { return central.hub.size() == 0; }));
}

TEST_CASE("central: long polls outlive a lost listening connection", "[central][server]") {
    Central central(4, milliseconds(200));
    const Node node = central.node({"NORTH"}, "ABCDE");
    const std::string body = central.wait_body("NORTH", central.version_of("NORTH"), 20000);
    auto waiting =
        std::async(std::launch::async, [&] { return central.post("/sync/v1/wait", node.headers(body), body); });
    REQUIRE(becomes_true([&] { return central.hub.size() == 1 && central.listener->connected(); }));
    pqxx::connection direct(central.url);
    // The listener is known by its sweep's query.
    REQUIRE(becomes_true([&] {
        return test::value_of(direct,
                              "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                              "WHERE datname = current_database() AND pid <> pg_backend_pid() "
                              "AND query LIKE '%public.sync_counter%'") == "1";
    }));
    central.commit_by_sql("NORTH");
    CHECK(sync::parse_wait_reply(waiting.get().body)->changed.size() == 1);
}

TEST_CASE("central: one clinic's stuck lock harms nobody else", "[central][server]") {
    Central central(2);
    std::vector<Node> stuck{central.node({"NORTH"}, "AAAAA"), central.node({"NORTH"}, "BBBBB"),
                            central.node({"NORTH"}, "CCCCC")};
    Node other = central.node({"SOUTH"}, "DDDDD");
    pqxx::connection direct(central.url);
    pqxx::work holder(direct);
    holder.exec("SELECT 1 FROM sync_counter WHERE clinic_id = '" + central.clinics["NORTH"] + "' FOR UPDATE");
    std::vector<std::future<HttpReply>> answers;
    for (Node& node : stuck) {
        answers.push_back(std::async(std::launch::async, [&central, &node] {
            const std::string body = node.push_of(central.clinics["NORTH"]);
            return central.post("/sync/v1/push", node.headers(body), body);
        }));
    }
    REQUIRE(becomes_true([&] { return central.gate.waiting() == 2; }));
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 5; ++i) {
        const std::string body = other.push_of(central.clinics["SOUTH"]);
        CHECK(central.post("/sync/v1/push", other.headers(body), body).status == 200);
    }
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(2));
    holder.abort();
    int taken = 0;
    for (auto& answer : answers) {
        const auto reply = answer.get();
        CHECK((reply.status == 200 || reply.status == 503));
        taken += reply.status == 200 ? 1 : 0;
    }
    CHECK(taken >= 2);
    CHECK(central.gate.waiting() == 0);
}

TEST_CASE("central: health and metrics say what is", "[central][server]") {
    Central central;
    const auto health = test::http_call(central.port, "GET", "/api/health");
    CHECK(health.body.find("\"uptime\"") != std::string::npos);
    const auto database = nlohmann::json::parse(test::http_call(central.port, "GET", "/api/db/health").body);
    CHECK(database.at("latencyMs").get<double>() >= 0);
    const auto text = test::http_call(central.port, "GET", "/metrics").body;
    for (const char* line :
         {"http_request_duration_seconds_count{code=\"200\",method=\"GET\"}", "db_ping_duration_ms_count 1",
          "db_ping_success_total 1", "db_ping_failure_total 0", "vetchart_waiters 0",
          "vetchart_db_pool_connections{state=\"open\"}", "process_cpu_seconds_total ",
          "process_resident_memory_bytes ", "process_virtual_memory_bytes ", "process_open_fds ", "process_max_fds ",
          "process_start_time_seconds 1", "vetchart_report_sessions_unreachable 0"}) {
        CAPTURE(text, line);
        CHECK(text.find(line) != std::string::npos);
    }
}

TEST_CASE("central: a page says how many rows the clinic has when it is asked", "[central][server]") {
    Central central;
    Node node = central.node({"NORTH"}, "ABCDE");
    for (int i = 0; i < 3; ++i) {
        const std::string push = node.push_of(central.clinics["NORTH"]);
        REQUIRE(central.post("/sync/v1/push", node.headers(push), push).status == 200);
    }
    sync::PullRequest request{central.clinics["NORTH"], std::nullopt, std::nullopt, 2};
    request.count = true;
    const std::string ask = sync::to_json(request);
    const auto page = sync::parse_pull_reply(central.post("/sync/v1/pull", node.headers(ask), ask).body);
    REQUIRE(page.ok());
    CHECK(page->rows.size() == 2);
    CHECK(page->feed_rows == 4);  // The clinic and three owners.
}

}  // namespace vetchart::central::server_test
