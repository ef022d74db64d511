#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "sync/base/digest.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/samples.h"
#include "tests/support/chance.h"

namespace vetchart::e2e {
namespace {

constexpr int kRounds = 8;

/// Posts owner after owner to one node until told to stop. An unanswered POST is sent again under the same
/// Idempotency-Key, as a careful client does; what was answered is kept.
class Writer {
public:
    Writer(const Node& node, std::string mark) : node_(node), mark_(std::move(mark)), thread_([this] { run(); }) {}
    ~Writer() { finish(); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    [[nodiscard]] int answered() const { return answered_; }
    /// Ends once the POST under way is answered. Precondition: the node is up.
    const std::vector<std::string>& finish() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
        return ids_;
    }
    [[nodiscard]] const std::string& refusal() const { return refusal_; }

private:
    void run() {
        for (int i = 0; !stop_ && refusal_.empty(); ++i) {
            const Headers key{{"Idempotency-Key", random_token(test::chance(), 16)}};
            Reply reply;
            do {
                reply = node_.post("/api/owners", sample_owner(mark_ + std::to_string(i)), key);
            } while ((reply.status == 0 || reply.status == 503) && !stop_);
            if (reply.status == 201) {
                ids_.push_back(reply.json().at("id"));
                ++answered_;
            } else if (reply.status != 0 && reply.status != 503) {
                refusal_ = std::to_string(reply.status) + " " + reply.body;
            }
        }
    }

    const Node& node_;
    std::string mark_;
    std::atomic<bool> stop_ = false;
    std::atomic<int> answered_ = 0;
    std::vector<std::string> ids_;
    std::string refusal_;
    std::thread thread_;
};

long number(const std::string& text) { return text.empty() ? 0 : std::stol(text); }

long accepted_at(Cluster& cluster) { return number(cluster.sql("SELECT count(*) FROM sync_transaction")); }
long owners_on(const Node& node) { return number(node.sql("SELECT count(*) FROM owner")); }

/// Requires that every id is at central and on each node, no owner is there twice, and nothing is in quarantine.
void require_all_there(Cluster& cluster, const std::vector<Node*>& nodes, const std::vector<std::string>& ids) {
    cluster.require_same_rows(nodes, "NORTH");
    const auto there = "\n" + cluster.sql("SELECT id FROM owner") + "\n";
    for (const auto& id : ids) {
        INFO(id);
        REQUIRE(there.find("\n" + id + "\n") != std::string::npos);
    }
    // Each e-mail is used for one owner only: a doubled POST or a doubled change would be a second row of it.
    REQUIRE(cluster.sql("SELECT count(*) - count(DISTINCT email) FROM owner") == "0");
    REQUIRE(cluster.sql("SELECT count(*) FROM sync_item WHERE kind <> 'notice'") == "0");
    // One journal entry for each transaction taken, and one for each change: nothing was taken in twice.
    REQUIRE(cluster.sql("SELECT count(*) - count(DISTINCT (incarnation_id, first_seq)) FROM sync_journal") == "0");
    REQUIRE(cluster.sql("SELECT count(*) FROM sync_journal") == cluster.sql("SELECT count(*) FROM sync_transaction"));
}

}  // namespace

TEST_CASE("e2e: kill -9 of central in the middle of push and pull loses and doubles nothing", "[e2e][kill]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    Cluster cluster;
    std::vector<Node*> nodes{&cluster.add_node("front", "NORTH"), &cluster.add_node("laptop", "NORTH")};
    Writer front(*nodes[0], "f");
    Writer laptop(*nodes[1], "l");
    for (int round = 0; round < kRounds; ++round) {
        // Both nodes keep pushing and pulling: an amount of work drawn at random is a random moment.
        const long goal = accepted_at(cluster) + 1 + static_cast<long>(random() % 40);
        CHECK(eventually([&] { return accepted_at(cluster) >= goal; }));
        cluster.kill_central();
        const int written = front.answered();
        CHECK(eventually([&] { return front.answered() > written; }));  // a clinic goes on without central
        cluster.start_central();
    }
    auto ids = front.finish();
    ids.insert(ids.end(), laptop.finish().begin(), laptop.finish().end());
    REQUIRE(front.refusal() + laptop.refusal() == "");
    REQUIRE(cluster.settle(nodes));
    require_all_there(cluster, nodes, ids);
    WARN(ids.size() << " owners over " << kRounds << " kills of central");
}

TEST_CASE("e2e: kill -9 of nodes in the middle of push and pull loses and doubles nothing", "[e2e][kill]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    Cluster cluster;
    std::vector<Node*> nodes{&cluster.add_node("front", "NORTH"), &cluster.add_node("laptop", "NORTH")};
    Writer front(*nodes[0], "f");
    Writer laptop(*nodes[1], "l");
    for (int round = 0; round < kRounds; ++round) {
        Node& victim = *nodes[random() % 2];
        Node& other = victim.name() == "front" ? *nodes[1] : *nodes[0];
        // Half of the moments are drawn by what central took (a push), half by what the victim was told (a pull).
        const bool pushing = random() % 2 == 0;
        const auto seen = [&] { return pushing ? accepted_at(cluster) : owners_on(victim); };
        const long goal = seen() + 1 + static_cast<long>(random() % 40);
        CHECK(eventually([&] { return seen() >= goal; }));
        victim.kill();
        const long before = owners_on(other);
        CHECK(eventually([&] { return owners_on(other) > before; }));
        victim.start();
    }
    auto ids = front.finish();
    ids.insert(ids.end(), laptop.finish().begin(), laptop.finish().end());
    REQUIRE(front.refusal() + laptop.refusal() == "");
    REQUIRE(cluster.settle(nodes));
    require_all_there(cluster, nodes, ids);
    for (const Node* node : nodes) CHECK(node->sql("PRAGMA integrity_check") == "ok");
    WARN(ids.size() << " owners over " << kRounds << " kills of nodes");
}

TEST_CASE("e2e: every POST a node answered is there after it was killed every second", "[e2e][kill]") {
    Cluster cluster;
    Node& node = cluster.add_node("front", "NORTH");
    cluster.kill_central();  // nobody else may hold the rows
    std::vector<std::unique_ptr<Writer>> writers;
    for (int i = 0; i < 4; ++i) writers.push_back(std::make_unique<Writer>(node, "w" + std::to_string(i) + "x"));
    for (int round = 0; round < kRounds; ++round) {
        const auto started = std::chrono::steady_clock::now();
        const int before = writers[0]->answered();
        CHECK(eventually([&] {
            return std::chrono::steady_clock::now() - started >= std::chrono::seconds(1) &&
                   writers[0]->answered() > before;
        }));
        node.kill();
        node.start();
    }
    std::size_t count = 0;
    const auto rows = [&] { return "\n" + node.sql("SELECT id FROM owner") + "\n"; };
    for (auto& writer : writers) writer->finish();
    const auto there = rows();
    for (auto& writer : writers) {
        REQUIRE(writer->refusal().empty());
        for (const auto& id : writer->finish()) REQUIRE(there.find("\n" + id + "\n") != std::string::npos);
        count += writer->finish().size();
    }
    CHECK(node.sql("SELECT count(*) - count(DISTINCT email) FROM owner") == "0");
    CHECK(node.sql("PRAGMA integrity_check") == "ok");
    CHECK(node.sql("PRAGMA foreign_key_check").empty());
    WARN(count << " answered POSTs over " << kRounds << " kills, all there");
}

}  // namespace vetchart::e2e
