#include <catch2/catch.hpp>
#include <fstream>

#include "tests/e2e/cluster.h"

namespace vetchart::e2e {
namespace {

namespace fs = std::filesystem;

/// Why `vetchart-edge arguments` failed; "" when it did not.
std::string failure(Cluster& cluster, const std::string& arguments) {
    try {
        cluster.edge(arguments);
        return {};
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("e2e: a backup is written over no file but an older backup", "[e2e][backup]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    const test::TempDir elsewhere;
    const std::string command = "backup --data " + node.folder().string() + " ";
    // The database itself, also by another name and beside it, and what else somebody keeps.
    fs::create_symlink(node.folder() / "vetchart.db", elsewhere / "link.db");
    fs::create_hard_link(node.folder() / "vetchart.db", elsewhere / "same.db");
    std::ofstream(elsewhere / "letter.txt") << "to the tax office";
    const auto life = fs::file_size(node.folder() / "life.json");
    for (const fs::path& file :
         {node.folder() / "vetchart.db", node.folder() / "vetchart.db-wal", node.folder() / "vetchart.db.incoming",
          node.folder() / "life.json", node.folder() / "edge.toml", elsewhere / "link.db", elsewhere / "same.db",
          elsewhere / "letter.txt", fs::path(elsewhere / ".")}) {
        INFO(file.filename());
        const bool there = fs::exists(file);
        CHECK(failure(cluster, command + file.string()).find("no backup is written") != std::string::npos);
        CHECK(fs::exists(file) == there);
    }
    CHECK(fs::file_size(elsewhere / "letter.txt") == 17);
    CHECK(fs::file_size(node.folder() / "life.json") == life);
    for (int i = 0; i < 50; ++i) {
        node.create("/api/owners", {{"firstName", "A"}, {"lastName", "B"}, {"notes", std::string(9000, 'x')}});
    }
    CHECK(failure(cluster, "check --data " + node.folder().string()).empty());

    for (int i = 0; i < 2; ++i) CHECK(failure(cluster, command + (elsewhere / "nightly.db").string()).empty());
    CHECK(failure(cluster, command + (node.folder() / "nightly.db").string()).empty());
    REQUIRE(node.stop() == 0);
    const fs::path unmade = elsewhere / "new";
    CHECK(!failure(cluster, "restore --data " + unmade.string() + " " + (elsewhere / "gone.db").string()).empty());
    CHECK(!fs::exists(unmade));
    CHECK(failure(cluster, "restore --data " + node.folder().string() + " " + (elsewhere / "nightly.db").string())
              .empty());
    node.start();
    CHECK(node.sql("SELECT count(*) FROM owner") == "50");
}

}  // namespace vetchart::e2e
