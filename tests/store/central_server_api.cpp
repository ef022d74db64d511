#include <catch2/catch.hpp>
#include <future>
#include <pqxx/pqxx>
#include <thread>

#include "central/api/central_api.h"
#include "central/api/server.h"
#include "central/store/clinics.h"
#include "central/store/feed_listener.h"
#include "central/store/nodes.h"
#include "schema/embedded.h"
#include "sync/base/digest.h"
#include "sync/base/uuid.h"
#include "sync/wire/gzip.h"
#include "sync/wire/messages.h"
#include "tests/store/central_http.h"
#include "tests/store/central_schema_fixture.h"

namespace vetchart::central {
namespace {

using std::chrono::milliseconds;
using test::HttpHeaders;
using test::HttpReply;
using test::RawHttp;

UtcMillis now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

std::string schema_version() { return std::to_string(schema::sqlite_files().back().number); }

HttpHeaders headers_for(const std::string& body) {
    return {{"Content-Type", "application/json"},
            {"X-Body-SHA256", to_hex(sha256(body))},
            {"X-Schema-Version", schema_version()}};
}

/// One enrolled node's side: its identity and its log.
struct Node {
    std::string id, secret, incarnation = to_string(random_uuid_v4());
    std::int64_t seq = 0;
    Digest digest = sync::chain_seed(incarnation);

    [[nodiscard]] HttpHeaders headers(const std::string& body) const {
        HttpHeaders headers = headers_for(body);
        headers.emplace_back("Authorization", "Node " + id + "." + secret);
        return headers;
    }

    /// A push of one transaction: a new owner of `clinic`.
    std::string push_of(const std::string& clinic) {
        sync::Change change;
        change.seq = ++seq;
        change.table = "owner";
        change.row_id = new_row_id(now());
        change.clinic_id = clinic;
        const std::string at = format_utc(now());
        change.new_values = {{"id", change.row_id}, {"clinic_id", clinic}, {"first_name", "Ada"},
                             {"last_name", "Holm"}, {"email", nullptr},    {"phone", nullptr},
                             {"address", ""},       {"notes", nullptr},    {"merged_into", nullptr},
                             {"created_at", at},    {"updated_at", at},    {"deleted_at", nullptr}};
        sync::Transaction transaction;
        transaction.first_seq = transaction.last_seq = seq;
        transaction.actor = "00000000-0000-7000-8800-000000000001";
        transaction.at = at;
        transaction.schema_version = schema::sqlite_files().back().number;
        transaction.changes = {change};
        digest = transaction.digest = sync::expected_digest(digest, transaction);
        sync::PushRequest push;
        push.incarnation = incarnation;
        push.node_code = "ABCDE";
        push.health.sent_at = at;
        push.transactions = {transaction};
        return sync::to_json(push);
    }
};

/// The whole server on a database of its own, in this process.
struct Central {
    std::string url = test::central_database();
    PoolOptions options;
    std::unique_ptr<Pool> pool;
    FeedHub hub;
    PushGate gate{64};
    Metrics metrics;
    std::unique_ptr<FeedListener> listener;
    std::unique_ptr<CentralApi> api;
    std::unique_ptr<Server> server;
    std::thread thread;
    std::uint16_t port = 0;
    std::map<std::string, std::string> clinics;

    explicit Central(std::size_t pool_size = 4, milliseconds sweep = std::chrono::minutes(10)) {
        options.url = url;
        options.size_max = pool_size;
        pool = std::make_unique<Pool>(options);
        for (const char* code : {"NORTH", "SOUTH"}) {
            clinics[code] = *add_clinic(*pool, "os:test", NewClinic{code, "The clinic"}, now());
        }
        listener = std::make_unique<FeedListener>(
            options,
            FeedListener::Callbacks{[this] { return hub.clinics(); },
                                    [this](const auto& versions) { hub.update(versions); }},
            sweep);
        api =
            std::make_unique<CentralApi>(ApiParts{*pool, hub, gate, metrics, now, [this] {
                                                      return Gauges{pool->gauge(), server->connection_count(),
                                                                    hub.size(), gate.waiting(), listener->connected()};
                                                  }});
        ServerOptions server_options;
        server_options.worker_count = pool_size;
        server = std::make_unique<Server>(server_options,
                                          ServerHooks{[this](const Request& r) { return api->handle(r); },
                                                      CentralApi::is_light,
                                                      [this](const std::string& method, int status, double seconds) {
                                                          metrics.answered(method, status, seconds);
                                                      },
                                                      {},
                                                      [this](const Request& r) { api->keep_cut(r); }});
        REQUIRE(server->listen().ok());
        port = static_cast<std::uint16_t>(std::stoi(server->url().substr(server->url().rfind(':') + 1)));
        thread = std::thread([this] { server->run(); });
    }
    ~Central() {
        server->stop();
        thread.join();
        server.reset();
    }

    HttpReply post(const std::string& path, const HttpHeaders& headers, const std::string& body) const {
        return test::http_call(port, "POST", path, headers, body);
    }

    Node node(const std::vector<std::string>& codes, const std::string& node_code) {
        const auto invite = create_invite(*pool, "os:test", codes, std::chrono::hours(1), now());
        Node node;
        const std::string body =
            sync::to_json(sync::EnrollRequest{invite->token, "Desk " + node_code, node_code, node.incarnation, "0.1.0",
                                              schema::sqlite_files().back().number});
        const auto reply = sync::parse_enroll_reply(post("/sync/v1/enroll", headers_for(body), body).body);
        REQUIRE(reply.ok());
        node.id = reply->node_id;
        node.secret = reply->secret;
        return node;
    }

    std::string pull_body(const std::string& clinic, int limit = 100) {
        return sync::to_json(sync::PullRequest{clinics.at(clinic), std::nullopt, std::nullopt, limit});
    }

    std::string wait_body(const std::string& clinic, std::int64_t version, int timeout_ms) {
        return sync::to_json(sync::WaitRequest{{{clinics.at(clinic), version}}, timeout_ms});
    }

    std::int64_t version_of(const std::string& clinic) {
        pqxx::connection direct(url);
        return std::stoll(
            test::value_of(direct, "SELECT version FROM sync_counter WHERE clinic_id = '" + clinics.at(clinic) + "'"));
    }

    void commit_by_sql(const std::string& clinic) {
        pqxx::connection direct(url);
        REQUIRE(
            test::refusal_of(direct, "UPDATE clinic SET phone = phone || '1' WHERE id = '" + clinics.at(clinic) + "'")
                .empty());
    }
};

/// Waits for a condition with a deadline, without pausing blindly: each look is a round trip to the server.
bool becomes_true(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
}

}  // namespace

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

TEST_CASE("central: of a push whose line was cut only the rest is sent", "[central][server]") {
    Central central;
    Node node = central.node({"NORTH"}, "ABCDE");
    const std::string push = node.push_of(central.clinics["NORTH"]);
    const auto headers = node.headers(push);
    const auto there = [&](const Node& who) {
        const auto reply = test::http_call(central.port, "GET", "/sync/v1/upload", who.headers(push));
        REQUIRE(reply.status == 200);
        const auto size = sync::parse_upload_reply(reply.body);
        REQUIRE(size.ok());
        return *size;
    };
    CHECK(there(node) == 0);
    {
        test::RawHttp cut(central.port);
        std::string head = "POST /sync/v1/push HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(push.size());
        for (const auto& [name, value] : headers) head += "\r\n" + name + ": " + value;
        cut.send(head + "\r\n\r\n" + push.substr(0, 100));
    }
    REQUIRE(becomes_true([&] { return there(node) == 100; }));
    Node other = central.node({"NORTH"}, "FGHJK");
    CHECK(there(other) == 0);
    const auto rest = [&](std::size_t offset) {
        auto more = headers;
        more.emplace_back(sync::kBodyOffsetHeader, std::to_string(offset));
        return central.post("/sync/v1/push", more, push.substr(offset));
    };
    CHECK(test::code_of(rest(101)) == "upload_gone");
    CHECK(rest(100).status == 200);
    // Its answer may have been lost: the whole is still there, and nothing has to be sent again.
    CHECK(there(node) == push.size());
    CHECK(rest(push.size()).status == 200);
    auto wrong = headers;
    wrong.emplace_back(sync::kBodyOffsetHeader, "1x");
    CHECK(test::code_of(central.post("/sync/v1/push", wrong, push)) == "upload_gone");
}

TEST_CASE("central: nothing is kept of a push that no node sent", "[central][server]") {
    Central central;
    Node node = central.node({"NORTH"}, "ABCDE");
    const std::string push = node.push_of(central.clinics["NORTH"]);
    Node stranger = node;
    stranger.secret += "x";
    {
        test::RawHttp cut(central.port);
        std::string head = "POST /sync/v1/push HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(push.size());
        for (const auto& [name, value] : stranger.headers(push)) head += "\r\n" + name + ": " + value;
        cut.send(head + "\r\n\r\n" + push.substr(0, 100));
    }
    // What the server does of one connection comes before what it does of the next.
    CHECK(test::http_call(central.port, "GET", "/sync/v1/upload", stranger.headers(push)).status == 401);
    const auto reply = test::http_call(central.port, "GET", "/sync/v1/upload", node.headers(push));
    CHECK(*sync::parse_upload_reply(reply.body) == 0);
}

TEST_CASE("central: an answer that was cut goes on where it was cut, unless it is another by now",
          "[central][server]") {
    Central central;
    Node node = central.node({"NORTH"}, "ABCDE");
    for (int i = 0; i < 5; ++i) {
        const std::string push = node.push_of(central.clinics["NORTH"]);
        REQUIRE(central.post("/sync/v1/push", node.headers(push), push).status == 200);
    }
    const std::string ask = central.pull_body("NORTH");
    const auto whole = central.post("/sync/v1/pull", node.headers(ask), ask);
    REQUIRE(whole.status == 200);
    auto headers = node.headers(ask);
    headers.emplace_back(sync::kResumeDigestHeader, whole.headers.at("x-body-sha256"));
    headers.emplace_back(sync::kResumeOffsetHeader, "50");
    const auto rest = central.post("/sync/v1/pull", headers, ask);
    CHECK(rest.headers.at("x-body-offset") == "50");
    CHECK(whole.body.substr(0, 50) + rest.body == whole.body);
    central.commit_by_sql("NORTH");
    const auto other = central.post("/sync/v1/pull", headers, ask);
    CHECK_FALSE(other.headers.contains("x-body-offset"));
    CHECK(other.headers.at("x-body-sha256") == to_hex(sha256(other.body)));
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

}  // namespace vetchart::central
