#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
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
#include "tests/central/api/http.h"
#include "tests/central/store/schema_fixture.h"
#include "tests/support/chance.h"

/// One whole central in this process, on a database of its own, and a node that speaks to it by hand.
namespace vetchart::central::server_test {

using std::chrono::milliseconds;
using test::HttpHeaders;
using test::HttpReply;
using test::RawHttp;

inline UtcMillis now() { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }

inline std::string schema_version() { return std::to_string(schema::sqlite_schema_version()); }

inline HttpHeaders headers_for(const std::string& body) {
    return {{"Content-Type", "application/json"},
            {"X-Body-SHA256", to_hex(sha256(body))},
            {"X-Schema-Version", schema_version()}};
}

/// One enrolled node's side: its identity and its log.
struct Node {
    std::string id, secret, incarnation = to_string(random_uuid_v4(test::chance()));
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
        change.row_id = new_row_id(test::chance(), now());
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
        transaction.schema_version = schema::sqlite_schema_version();
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
        pool = std::make_unique<Pool>(options, test::chance());
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
        const std::string body = sync::to_json(sync::EnrollRequest{
            invite->token, "Desk " + node_code, node_code, node.incarnation, "0.1.0", schema::sqlite_schema_version()});
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
inline bool becomes_true(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
}

}  // namespace vetchart::central::server_test
