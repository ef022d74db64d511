#include <catch2/catch.hpp>
#include <fstream>

#include "tests/e2e/cluster.h"
#include "tests/support/connect_proxy.h"

namespace vetchart::e2e {
namespace {

const std::string kEdge = std::string(VETCHART_BIN_DIR) + "/vetchart-edge";

/// Exit status and output of `sync --once`.
std::pair<int, std::string> sync_once(const Node& node, const std::vector<std::string>& more = {}) {
    std::vector<std::string> argv{kEdge, "sync", "--once", "--data", node.folder()};
    argv.insert(argv.end(), more.begin(), more.end());
    Process process(argv);
    const int status = process.wait_end();
    return {status, process.output()};
}

}  // namespace

TEST_CASE("e2e: a node enrols, syncs and runs through a proxy, and reaches central in no other way", "[e2e][proxy]") {
    Cluster cluster;
    const std::string central = cluster.url().substr(std::string("https://").size());
    const test::ConnectProxy proxy("Basic dmV0OmEgYg==");
    const auto folder = cluster.folder() / "desk";
    const std::string enrol = "enroll --data " + folder.string() + " --token " + cluster.invite("NORTH") + " --ca " +
                              cluster.ca() + " --name desk --proxy ";
    CHECK_THROWS(cluster.edge(enrol + proxy.url()));
    cluster.edge(enrol + proxy.url("vet:a%20b"));
    const int by_enrolment = proxy.opened();
    CHECK(by_enrolment > 0);
    for (const auto& target : proxy.asked()) CHECK(target == central);

    Node node("desk", folder);
    std::ofstream(folder / "edge.toml") << "proxy = \"" << proxy.url("vet:a%20b") << "\"\n";
    CHECK(sync_once(node).first == 0);
    CHECK(proxy.opened() > by_enrolment);
    const auto [status, said] = sync_once(node, {"--proxy", proxy.url("vet:wrong")});
    CHECK(status == 5);
    CHECK(said.find("the proxy 127.0.0.1:") != std::string::npos);
    CHECK(said.find("407") != std::string::npos);
    CHECK(sync_once(node, {"--proxy", "none"}).first == 0);

    node.start();
    node.log_in("admin@north.example");
    node.create("/api/owners", {{"firstName", "Ada"}, {"lastName", "Holm"}, {"phone", "555 0100"}});
    CHECK(eventually([&] { return cluster.sql("SELECT count(*) FROM owner") == "1"; }));
    CHECK(node.stop() == 0);

    std::ofstream(folder / "edge.toml") << "\nproxy = \"socks5://elsewhere\"\n";
    const auto [wrong, why] = sync_once(node);
    CHECK(wrong == 3);
    CHECK(why.find("edge.toml:2: proxy: ") != std::string::npos);
}

}  // namespace vetchart::e2e
