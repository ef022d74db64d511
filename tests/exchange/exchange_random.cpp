#include <catch2/catch.hpp>
#include <iostream>
#include <random>

#include "tests/exchange/world.h"
#include "tests/support/chance.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

/// What one seed does: nodes write at random, push and pull at random, lose answers; then all meet.
class RandomDays {
public:
    explicit RandomDays(std::uint64_t seed) : random_(seed) {
        for (int i = 0; i < 3; ++i)
            nodes_.push_back(std::make_unique<NodeWorld>(central_, "NORTH", "node " + std::to_string(i)));
    }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) step(*nodes_[below(nodes_.size())]);
        for (int round = 0; round < 3; ++round) {
            for (auto& node : nodes_) node->sync();
        }
    }

    void require_converged() {
        const std::string all = picture_of(central_, clinic_);
        for (auto& node : nodes_) {
            // What central holds in quarantine stands on its own node only, and is in the attention list.
            REQUIRE(picture_of(*node, true) == all);
            if (node->read("SELECT count(*) FROM sync_txn WHERE outcome = 'held'") == "0")
                REQUIRE(picture_of(*node) == all);
            REQUIRE(node->read("SELECT count(*) FROM sync_txn WHERE state <> 'settled' AND outcome IS NOT 'held'") ==
                    "0");
            REQUIRE(node->read("SELECT count(*) FROM pragma_foreign_key_check") == "0");
            REQUIRE(node->read("SELECT count(*) FROM sync_inbox") == "0");
            REQUIRE(
                node->read(
                    "SELECT count(*) FROM sync_txn t WHERE outcome = 'held' AND NOT EXISTS (SELECT 1 FROM sync_item i "
                    "WHERE i.incarnation = t.incarnation AND i.first_seq = t.first_seq AND i.status = 'open')") == "0");
        }
        std::cout
            << "  transactions by outcome: "
            << central_.psql(
                   "SELECT string_agg(outcome || ' ' || n, ', ' ORDER BY outcome) FROM (SELECT outcome, count(*) AS n "
                   "FROM sync_transaction GROUP BY outcome) o")
            << std::endl;
        const std::string sent =
            central_.psql("SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM sync_transaction");
        std::int64_t written = 0;
        for (auto& node : nodes_) written += std::stoll(node->read("SELECT count(*) FROM change_log"));
        REQUIRE(std::stoll(sent) == written);
        REQUIRE(central_.psql("SELECT count(*) FROM bill WHERE bill_number IS NULL") == "0");
        REQUIRE(central_.psql("SELECT count(*) - count(DISTINCT bill_number) FROM bill") == "0");
    }

private:
    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

    std::string any_id(NodeWorld& node, const std::string& table) {
        return node.read("SELECT id FROM " + table + " ORDER BY substr(id, 25 + " + std::to_string(below(8)) +
                         ") LIMIT 1");
    }

    void step(NodeWorld& node) {
        switch (below(12)) {
            case 0: node.push(); return;
            case 1: node.pull(static_cast<int>(1 + below(40))); return;
            case 2: node.push_without_answer(); return;
            case 3: node.sync(); return;
            default: write_something(node);
        }
    }

    /// A write that the node's own rules refuse is an ordinary answer here.
    void write_something(NodeWorld& node) {
        const std::string owner = any_id(node, "owner"), patient = any_id(node, "patient"), bill = any_id(node, "bill"),
                          record = any_id(node, "medical_record"), item = any_id(node, "bill_item");
        const std::string value = "'v" + std::to_string(below(1000)) + "'";
        const std::string email = "p" + std::to_string(below(40)) + "@mail.example";
        const char* statuses[] = {"draft", "sent", "paid", "overdue", "cancelled"};
        const std::string status = statuses[below(5)];
        std::string sql;
        switch (below(13)) {
            case 0:
                sql = owner_sql(clinic_, new_id(), "O" + std::to_string(below(100)), below(3) == 0 ? email : "");
                break;
            case 1: sql = patient_sql(clinic_, new_id(), owner); break;
            case 2: sql = record_sql(clinic_, new_id(), patient); break;
            case 3: sql = new_bill(node, owner, patient, record, status); break;
            case 4: sql = "UPDATE owner SET phone = " + value + " WHERE id = '" + owner + "'"; break;
            case 5:
                sql = "UPDATE owner SET address = " + value + ", notes = " + value + " WHERE id = '" + owner + "'";
                break;
            case 6: sql = "UPDATE patient SET name = " + value + " WHERE id = '" + patient + "'"; break;
            case 7: sql = "UPDATE patient SET owner_id = '" + owner + "' WHERE id = '" + patient + "'"; break;
            case 8:
                sql = "UPDATE bill SET status = '" + status + "', cancel_reason = 'r' WHERE id = '" + bill + "'";
                break;
            case 9: sql = "UPDATE bill_item SET description = " + value + " WHERE id = '" + item + "'"; break;
            case 10: sql = "DELETE FROM bill_item WHERE id = '" + item + "'"; break;
            case 11:
                sql = "DELETE FROM " +
                      std::string(below(2) == 0 ? "owner WHERE id = '" + owner : "patient WHERE id = '" + patient) +
                      "'";
                break;
            default: sql = "UPDATE owner SET email = '" + email + "' WHERE id = '" + owner + "'"; break;
        }
        const Status written = node.write(sql);
        if (!written && written.error().code != Errc::conflict) FAIL(written.error().context);
    }

    std::string new_bill(NodeWorld& node, const std::string& owner, const std::string& patient,
                         const std::string& record, const std::string& status) {
        const std::string bill = new_id();
        const std::string code = node.read("SELECT node_code FROM node_state");
        std::string sql = bill_sql(clinic_, bill, owner, patient, code + "-" + std::to_string(++bills_));
        for (std::size_t i = 0; i < 1 + below(3); ++i) sql += item_sql(clinic_, new_id(), bill, static_cast<int>(i));
        if (!record.empty()) sql += link_sql(clinic_, bill, record);
        return sql + "UPDATE bill SET status = '" + status + "', cancel_reason = 'r' WHERE id = '" + bill + "';";
    }

    std::mt19937_64 random_;
    CentralWorld central_;
    std::string clinic_ = central_.clinic("NORTH");
    std::vector<std::unique_ptr<NodeWorld>> nodes_;
    int bills_ = 0;
};

}  // namespace

TEST_CASE("exchange: whatever three nodes do in whatever order, all end with the same rows", "[exchange][random]") {
    const std::uint64_t first = seed_of_run();
    const int seeds = is_replay() ? 1 : 4;
    for (int i = 0; i < seeds; ++i) {
        const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
        INFO("VETCHART_SEED=" << seed);
        std::cout << "exchange random: VETCHART_SEED=" << seed << std::endl;
        RandomDays days(seed);
        days.run(250);
        days.require_converged();
    }
}
