// Central's memory under what its nodes may send: the real program, measured from outside.
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "sync/base/uuid.h"
#include "sync/model/change_json.h"
#include "sync/wire/messages.h"
#include "tests/e2e/wire_node.h"
#include "tests/support/chance.h"

namespace vetchart::e2e {
namespace {

constexpr int kNodes = 10;
constexpr int kRowsOfTransaction = 1000;
constexpr int kPeakMebiMax = 1024;

/// The most memory the process ever had, in MiB.
int peak_mebi(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("VmHWM:")) return std::stoi(line.substr(6)) / 1024;
    }
    return -1;
}

/// Transactions of a thousand owners each, up to the bound of a batch.
std::vector<sync::Transaction> full_batch(WireNode& node) {
    std::vector<sync::Transaction> batch;
    for (std::size_t bytes = 0; bytes < sync::kBatchBytesMax;) {
        std::vector<Json> rows;
        for (int i = 0; i < kRowsOfTransaction; ++i) {
            Json row = owner_columns(to_string(random_uuid_v4(test::chance())), node.clinic_id(), "x");
            row["email"] = nullptr;
            row["notes"] = std::string(300, 'n');
            rows.push_back(std::move(row));
        }
        batch.push_back(node.next_of("owner", node.clinic_id(), rows));
        node.accept(batch.back());
        bytes += sync::canonical_bytes(batch.back()).size();
    }
    return batch;
}

}  // namespace

TEST_CASE("e2e: ten nodes that push full batches of large transactions leave central under a gibibyte",
          "[e2e][memory]") {
    Cluster cluster;
    std::vector<std::unique_ptr<WireNode>> nodes;
    for (int i = 0; i < kNodes; ++i) {
        nodes.push_back(std::make_unique<WireNode>(cluster, i % 2 == 0 ? "NORTH" : "SOUTH"));
    }
    std::vector<std::thread> threads;
    std::vector<int> last(kNodes, 0);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        threads.emplace_back([&, i] {
            const auto batch = full_batch(*nodes[i]);
            // Busy is what the bound says; the node comes again.
            (void)eventually([&] { return (last[i] = nodes[i]->push(batch).status) != 503; });
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(last == std::vector<int>(kNodes, 200));
    const int peak = peak_mebi(cluster.central_pid());
    WARN("central's peak: " << peak << " MiB");
    CHECK(peak > 0);
    CHECK(peak < kPeakMebiMax);
}

}  // namespace vetchart::e2e
