// What the real programs say when they do not come together, and what a wrong clock leaves behind.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "tests/e2e/cluster.h"
#include "tests/e2e/lone_daemon.h"

namespace vetchart::e2e {
namespace {

namespace fs = std::filesystem;

const std::string kEdge = std::string(VETCHART_BIN_DIR) + "/vetchart-edge";

/// Debian's package faketime; the loader names the folder by the machine's kind itself.
constexpr const char* kFaketime = "/usr/$LIB/faketime/libfaketimeMT.so.1";

std::string state_of(const Node& node) {
    const auto status = node.status();
    return status.is_object() ? status.value("state", "") : "";
}

/// The node's own process is stopped meanwhile.
std::unique_ptr<Process> start_at(const Node& node, const std::string& clock) {
    auto process =
        std::make_unique<Process>(std::vector<std::string>{kEdge, "serve", "--data", node.folder().string(), "--listen",
                                                           node.url().substr(std::string("http://").size())},
                                  std::vector<std::string>{std::string("LD_PRELOAD=") + kFaketime, "FAKETIME=" + clock,
                                                           "FAKETIME_DONT_FAKE_MONOTONIC=1"});
    process->wait_listening();
    return process;
}

/// Counts the instants in the file that lie ahead of this test's clock.
std::string times_ahead(const Node& node) {
    return node.sql(
        "SELECT count(*) FROM (SELECT created_at AS t FROM owner UNION ALL SELECT updated_at FROM owner UNION ALL "
        "SELECT at FROM change_log UNION ALL SELECT last_push_at FROM node_state UNION ALL SELECT last_contact_at "
        "FROM node_state) WHERE julianday(t) > julianday('now') + 0.01");
}

void create_owner(const Node& node, const std::string& name) {
    node.create("/api/owners", {{"firstName", name}, {"lastName", "Clock"}});
}

}  // namespace

TEST_CASE("e2e: a computer's clock two days ahead is said, corrected, and leaves no time ahead", "[e2e][link]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    REQUIRE(node.stop() == 0);
    auto ahead = start_at(node, "+2d");
    REQUIRE(eventually([&] { return state_of(node) == "clock"; }));
    const auto status = node.status();
    CHECK(status.at("online") == true);
    CHECK(status.at("clockOffsetMs").get<std::int64_t>() < -172'700'000);
    CHECK(status.at("clockWrongSince").is_string());
    CHECK(status.at("advice").get<std::string>().find("clock") != std::string::npos);
    create_owner(node, "Ahead");
    REQUIRE(eventually([&] { return node.is_all_sent(); }));
    CHECK(times_ahead(node) == "0");
    CHECK(
        cluster.sql("SELECT count(*) FROM owner WHERE created_at > now() - interval '1 hour' AND created_at < now() + "
                    "interval '1 minute'") == "1");
    CHECK(ahead->terminate() == 0);

    node.start();
    REQUIRE(eventually([&] { return state_of(node) == "working"; }));
    CHECK(node.status().at("clockWrongSince").is_null());
    CHECK(times_ahead(node) == "0");
    CHECK(node.stop() == 0);

    // So far behind that central's certificate is not valid yet.
    auto behind = start_at(node, "-60d");
    const auto told = [&] { return Json::parse(cluster.edge("status --json --data " + node.folder().string())); };
    REQUIRE(eventually([&] { return told().at("state") == "clock"; }));
    CHECK(told().at("lastError").get<std::string>().starts_with("tls_not_yet_valid"));
    CHECK(told().at("online") == false);
    CHECK(behind->terminate() == 0);
}

TEST_CASE("e2e: a stalled central, a stranger in its place and a revoked node are told apart", "[e2e][link]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    REQUIRE(eventually([&] { return state_of(node) == "working"; }));

    cluster.central_process().signal(SIGSTOP);
    create_owner(node, "Stalled");
    const bool seen =
        eventually([&] { return state_of(node) == "central_away" && !node.status().value("online", true); });
    cluster.central_process().signal(SIGCONT);
    CHECK(seen);
    REQUIRE(eventually([&] { return node.is_all_sent() && state_of(node) == "working"; }));

    REQUIRE(node.stop() == 0);
    {
        const auto stranger = LoneDaemon::node();
        std::ofstream(node.folder() / "edge.toml") << "central_url = \"" << stranger->url() << "\"\n";
        node.start();
        REQUIRE(eventually([&] { return state_of(node) == "not_central"; }));
        const auto metrics = send(node.url(), "GET", "/metrics").body;
        CHECK(metrics.find("vetchart_sync_state{state=\"not_central\"} 1") != std::string::npos);
        CHECK(metrics.find("vetchart_sync_state{state=\"working\"} 0") != std::string::npos);
        const auto told = Json::parse(cluster.edge("status --json --data " + node.folder().string()));
        CHECK(told.at("state") == "not_central");
        CHECK(told.at("advice").get<std::string>().find("log-in page") != std::string::npos);
        REQUIRE(node.stop() == 0);
    }
    fs::remove(node.folder() / "edge.toml");
    node.start();
    REQUIRE(eventually([&] { return state_of(node) == "working"; }));

    cluster.central("node revoke front");
    REQUIRE(eventually([&] {
        (void)node.post("/api/sync/now", Json::object());
        return state_of(node) == "revoked";
    }));
    REQUIRE(node.stop() == 0);
    const auto told = Json::parse(cluster.edge("status --json --data " + node.folder().string()));
    CHECK(told.at("state") == "revoked");
    CHECK(told.at("stateSince").is_string());
}

}  // namespace vetchart::e2e
