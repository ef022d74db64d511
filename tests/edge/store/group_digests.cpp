// The digest of a bill's group, as the seal finds it by walking back through the log, against what the rows were.
#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <map>
#include <set>
#include <vector>

#include "edge/store/log/sync_store.h"
#include "sync/engine/bill_group.h"
#include "tests/edge/store/chart_fixture.h"
#include "tests/support/chance.h"

using namespace vetchart;
using namespace vetchart::edge;
using vetchart::test::chance;
using vetchart::test::ChartFile;
using vetchart::test::row_uuid;

namespace {

using Digests = std::map<std::string, std::string>;  ///< Bill ids with their digests in hex.

sync::Json rows_of(SQLite::Database& file, const std::string& table) {
    sync::Json rows = sync::Json::array();
    SQLite::Statement query(file, "SELECT * FROM " + table);
    while (query.executeStep()) {
        sync::Json& row = rows.emplace_back(sync::Json::object());
        for (int i = 0; i < query.getColumnCount(); ++i) {
            const SQLite::Column column = query.getColumn(i);
            if (column.isNull())
                row[column.getName()] = nullptr;
            else if (column.isInteger())
                row[column.getName()] = column.getInt64();
            else
                row[column.getName()] = column.getString();
        }
    }
    return rows;
}

/// The group of every bill as the file has it now.
Digests live_digests(ChartFile& chart) {
    SQLite::Database file(chart.file().string(), SQLite::OPEN_READONLY);
    std::map<std::string, sync::BillGroup> groups;
    for (sync::Json& bill : rows_of(file, "bill")) groups[bill["id"]].bill = bill;
    for (sync::Json& item : rows_of(file, "bill_item")) {
        groups[item["bill_id"]].parts["bill_item"][item["id"]] = item;
    }
    for (sync::Json& join : rows_of(file, "bill_medical_record")) {
        const std::string bill = join["bill_id"], record = join["medical_record_id"];
        groups[bill].parts["bill_medical_record"][bill + "/" + record] = join;
    }
    Digests digests;
    for (const auto& [bill, group] : groups) digests[bill] = to_hex(sync::digest_of(group));
    return digests;
}

/// What the log carries above `seq`: change by change.
std::vector<Digests> carried(ChartFile& chart, const std::string& seq) {
    SQLite::Database file(chart.file().string(), SQLite::OPEN_READONLY);
    std::vector<Digests> all;
    SQLite::Statement query(file, "SELECT groups FROM change_log WHERE seq > " + seq + " ORDER BY seq");
    while (query.executeStep()) {
        all.push_back(query.isColumnNull(0) ? Digests()
                                            : sync::Json::parse(query.getColumn(0).getString()).get<Digests>());
    }
    return all;
}

const std::string kBill1 = row_uuid(6, 1), kBill5 = row_uuid(6, 5);

std::string item(int n, int bill, const char* description = "Nails") {
    return "INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents, "
           "total_price_cents) VALUES ('" +
           row_uuid(7, n) + "', '" + row_uuid(1, 1) + "', '" + row_uuid(6, bill) + "', 1, '" + description +
           "', 1000, 700, 700);";
}

std::string new_bill(int n) {
    return "INSERT INTO bill (id, clinic_id, owner_id, patient_id, provisional_number, subtotal_cents, tax_cents, "
           "total_cents, bill_date, due_date, status) VALUES ('" +
           row_uuid(6, n) + "', '" + row_uuid(1, 1) + "', '" + row_uuid(2, 1) + "', '" + row_uuid(3, 1) + "', 'NEWER-" +
           std::to_string(n) + "', 0, 0, 0, '2026-11-01', '2026-12-01', 'draft');";
}

std::string move_item(int n, int bill) {
    return "UPDATE bill_item SET bill_id = '" + row_uuid(6, bill) + "' WHERE id = '" + row_uuid(7, n) + "';";
}

/// A chart whose rows are old: its log is sealed.
struct SealedChart {
    SealedChart() : store(chart.database()) {
        REQUIRE(store.lives.new_incarnation("ABCDE").ok());
        seal();
        start = chart.value("SELECT max(seq) FROM change_log");
    }
    void write(const std::string& sql) {
        const Status done = chart.write(sql);
        INFO(sql << (done ? "" : done.error().context));
        REQUIRE(done.ok());
    }
    void seal() { REQUIRE(store.log.seal().ok()); }
    std::vector<Digests> sealed() {
        seal();
        return carried(chart, start);
    }

    ChartFile chart;
    SyncStore store;
    std::string start;
};

}  // namespace

TEST_CASE("bill groups: the first change that touches a bill's group carries its digest of before", "[store][seal]") {
    SealedChart node;
    const Digests before = live_digests(node.chart);
    SECTION("an amount, and not what the same transaction does after it") {
        node.write("UPDATE bill SET notes = 'n' WHERE id = '" + kBill1 +
                   "'; UPDATE bill SET tax_cents = 7 WHERE id = '" + kBill1 + "';" + item(20, 1) +
                   "UPDATE bill SET status = 'paid' WHERE id = '" + kBill1 + "';");
        CHECK(node.sealed() == std::vector<Digests>{{}, {{kBill1, before.at(kBill1)}}, {}, {}});
    }
    SECTION("a status alone is none") {
        node.write("UPDATE bill SET status = 'sent' WHERE id = '" + kBill1 + "'");
        CHECK(node.sealed() == std::vector<Digests>{{}});
    }
    SECTION("an item that moves carries both bills'") {
        node.write(move_item(1, 5));
        CHECK(node.sealed() == std::vector<Digests>{{{kBill1, before.at(kBill1)}, {kBill5, before.at(kBill5)}}});
    }
    SECTION("an item and a record that go") {
        node.write("DELETE FROM bill_medical_record WHERE bill_id = '" + kBill1 +
                   "'; DELETE FROM bill_item WHERE id = '" + row_uuid(7, 1) + "'; DELETE FROM bill WHERE id = '" +
                   kBill1 + "'");
        CHECK(node.sealed() == std::vector<Digests>{{{kBill1, before.at(kBill1)}}, {}, {}});
    }
    SECTION("a bill of the same transaction has none, one of an earlier transaction has") {
        node.write(new_bill(9) + item(20, 9) + move_item(1, 9) + move_item(20, 1));
        const Digests then = live_digests(node.chart);
        node.write(item(21, 9));
        CHECK(node.sealed() ==
              std::vector<Digests>{
                  {}, {}, {{kBill1, before.at(kBill1)}}, {}, {{row_uuid(6, 9), then.at(row_uuid(6, 9))}}});
    }
    SECTION("a bill that goes and comes back in one transaction was seen") {
        node.write("DELETE FROM bill WHERE id = '" + kBill5 + "';" + new_bill(5) + item(20, 5));
        CHECK(node.sealed() == std::vector<Digests>{{{kBill5, before.at(kBill5)}}, {}, {}});
    }
    SECTION("and so was one that comes back in a later one") {
        node.write(item(20, 5));
        const Digests then = live_digests(node.chart);
        node.write("DELETE FROM bill_item WHERE id = '" + row_uuid(7, 20) + "'; DELETE FROM bill WHERE id = '" +
                   kBill5 + "'");
        node.write(new_bill(5) + item(21, 5));
        CHECK(node.sealed() ==
              std::vector<Digests>{{{kBill5, before.at(kBill5)}}, {{kBill5, then.at(kBill5)}}, {}, {}, {}});
    }
    SECTION("rows of the shell are one transaction, by whatever statements") {
        node.chart.shell(item(20, 1));
        node.chart.shell("UPDATE bill_item SET position = 3 WHERE id = '" + row_uuid(7, 1) + "';");
        CHECK(node.sealed() == std::vector<Digests>{{{kBill1, before.at(kBill1)}}, {}});
    }
    SECTION("what changes nothing of a bill is none") {
        node.write("UPDATE bill_item SET position = position WHERE id = '" + row_uuid(7, 1) +
                   "'; UPDATE bill SET deleted_at = '2026-11-01T00:00:00.000Z' WHERE id = '" + kBill1 +
                   "'; UPDATE owner SET notes = 'n' WHERE id = '" + row_uuid(2, 1) + "'");
        for (const Digests& digests : node.sealed()) CHECK(digests.empty());
    }
}

TEST_CASE("bill groups: what is pushed has the digest that was sealed", "[store][seal]") {
    SealedChart node;
    const Digests before = live_digests(node.chart);
    node.write(move_item(1, 5));
    node.seal();
    const auto push = node.store.log.next_push(sync::kBatchBytesMax, sync::kBatchTransactionsMax);
    REQUIRE(push.ok());
    const sync::Transaction& last = push->transactions.back();
    CHECK(to_hex(last.changes.front().groups.at(kBill1)) == before.at(kBill1));
    CHECK(to_hex(sync::digest_seen(last, kBill5).value()) == before.at(kBill5));
    CHECK(sync::expected_digest(push->transactions.at(push->transactions.size() - 2).digest, last) == last.digest);
}

TEST_CASE("bill groups: a fork seals anew with the digests of then", "[store][seal]") {
    SealedChart node;
    node.write(item(20, 1));
    node.write(item(21, 5));
    const std::vector<Digests> before = node.sealed();
    // What central sent meanwhile is no part of what the writer saw.
    REQUIRE(node.chart.database()
                .apply([](Connection& connection) -> Status {
                    connection.exec("UPDATE bill SET tax_cents = 99; UPDATE bill_item SET description = 'Other'");
                    return Done{};
                })
                .ok());
    const Digests now = live_digests(node.chart);
    REQUIRE(node.store.lives.fork(node.chart.value("SELECT incarnation FROM node_state"), 0, "FORK1").ok());
    node.write(item(22, 1));
    std::vector<Digests> expected = before;
    expected.push_back({{kBill1, now.at(kBill1)}});
    CHECK(node.sealed() == expected);
}

namespace {

/// Writes at random to seven bills, in the daemon's transactions and the shell's statements; a refused one is nothing.
class Writer {
public:
    explicit Writer(SealedChart& node) : node_(node) {}

    /// Fills `expected` with what the log should carry for the transaction.
    void transaction() {
        const Digests before = live_digests(node_.chart);
        const std::string from = node_.chart.value("SELECT max(seq) FROM change_log");
        std::string sql;
        for (auto left = 1 + draw_below(chance(), 6); left > 0; --left) sql += statement();
        if (!node_.chart.write(sql).ok()) return;
        ++written;
        expect(from, before);
    }

    std::vector<Digests> expected;
    int written = 0, digests = 0;

private:
    std::string bill() { return "'" + row_uuid(6, 5 + static_cast<int>(draw_below(chance(), 7))) + "'"; }
    std::string any_item() { return "'" + row_uuid(7, 20 + static_cast<int>(draw_below(chance(), 12))) + "'"; }
    std::string number() { return std::to_string(1 + draw_below(chance(), 5)); }

    std::string statement() {
        const std::string b = bill(), i = any_item();
        const int n = 6 + static_cast<int>(draw_below(chance(), 6));
        switch (draw_below(chance(), 12)) {
            case 0: return new_bill(n).replace(6, 0, " OR IGNORE");
            case 1: return "UPDATE bill SET tax_cents = " + number() + " WHERE id = " + b + ";";
            case 2: return "UPDATE bill SET notes = '" + number() + "' WHERE id = " + b + ";";
            case 3:
                return "UPDATE bill SET status = iif(status = 'draft', 'cancelled', 'draft'), cancel_reason = 'r', "
                       "issued_at = NULL WHERE id = " +
                       b + " AND " + number() + " = 1;";
            case 4:
                return "DELETE FROM bill_item WHERE bill_id = " + b +
                       "; DELETE FROM bill_medical_record WHERE bill_id = " + b + "; DELETE FROM bill WHERE id = " + b +
                       ";";
            case 5: return "DELETE FROM bill_item WHERE id = " + i + ";";
            case 6: return "UPDATE bill_item SET position = " + number() + " WHERE id = " + i + ";";
            case 7:
            case 8:
                return "UPDATE bill_item SET bill_id = coalesce((SELECT id FROM bill WHERE id = " + b +
                       " AND status = 'draft'), bill_id) WHERE id = " + i + ";";
            case 9:
                return "INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) SELECT clinic_id, id, "
                       "'" +
                       row_uuid(4, 1) + "' FROM bill WHERE status = 'draft' AND id = " + b +
                       " AND NOT EXISTS (SELECT 1 FROM bill_medical_record WHERE bill_id = " + b + ");";
            case 10: return "DELETE FROM bill_medical_record WHERE bill_id = " + b + ";";
            default:
                return "INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, "
                       "unit_price_cents, total_price_cents) SELECT " +
                       i +
                       ", clinic_id, id, 0, 'New', 1000, 1, 1 FROM bill "
                       "WHERE status = 'draft' AND id = " +
                       b + " AND NOT EXISTS (SELECT 1 FROM bill_item WHERE id = " + i + ");";
        }
    }

    /// Which bills each change touches, told by the rows that the log names, in their order.
    void expect(const std::string& from, const Digests& before) {
        SQLite::Database file(node_.chart.file().string(), SQLite::OPEN_READONLY);
        SQLite::Statement query(
            file, "SELECT table_name, row_id, op, old, new FROM change_log WHERE seq > " + from + " ORDER BY seq");
        std::set<std::string> told;
        while (query.executeStep()) {
            const std::string table = query.getColumn(0), row = query.getColumn(1), op = query.getColumn(2);
            const auto values = [&query](int column) {
                return query.isColumnNull(column) ? sync::Json::object()
                                                  : sync::Json::parse(query.getColumn(column).getString());
            };
            const sync::Json was = values(3), is = values(4);
            std::set<std::string> bills;
            if (table == "bill" && op == "insert") told.insert(row);
            if (table == "bill" && (op == "delete" || is.contains("tax_cents"))) bills.insert(row);
            if (table == "bill_medical_record") bills.insert(row.substr(0, 36));
            if (table == "bill_item") {
                if (op == "insert") bill_of_[row] = is["bill_id"];
                if (op == "delete" || is.contains("position") || is.contains("bill_id")) bills.insert(bill_of_.at(row));
                if (is.contains("bill_id")) bills.insert(bill_of_[row] = is["bill_id"]);
            }
            Digests& change = expected.emplace_back();
            for (const std::string& id : bills) {
                if (!told.insert(id).second) continue;
                change[id] = before.at(id);
                ++digests;
            }
        }
    }

    SealedChart& node_;
    std::map<std::string, std::string> bill_of_;
};

}  // namespace

TEST_CASE("bill groups: after any writes the digests are those of the rows before each transaction", "[store][seal]") {
    SealedChart node;
    Writer writer(node);
    for (int round = 0; round < 25; ++round) {
        for (auto left = 1 + draw_below(chance(), 25); left > 0; --left) writer.transaction();
        const std::vector<Digests> found = node.sealed();
        REQUIRE(found.size() == writer.expected.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            INFO("change " << i);
            REQUIRE(found[i] == writer.expected[i]);
        }
    }
    CHECK(writer.written > 20);
    CHECK(writer.digests > 20);
}

TEST_CASE("bench: capture and seal of 1,000 transactions", "[.bench]") {
    SealedChart node;
    const auto seconds = [](const auto& work) {
        const auto from = std::chrono::steady_clock::now();
        work();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
    };
    for (int round = 0; round < 5; ++round) {
        const double wrote = seconds([&] {
            for (int i = 0; i < 1000; ++i) {
                const int n = 100 + round * 1000 + i;
                const std::string text = std::to_string(n);
                std::string sql = "INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES ('" +
                                  row_uuid(2, n) + "', '" + row_uuid(1, 1) + "', 'Kim', 'Day');";
                sql += "INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES ('" +
                       row_uuid(3, n) + "', '" + row_uuid(1, 1) + "', '" + row_uuid(2, n) + "', 'Rex', 'dog', 'male');";
                sql +=
                    "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) "
                    "VALUES ('" +
                    row_uuid(4, n) + "', '" + row_uuid(1, 1) + "', '" + row_uuid(3, n) +
                    "', '2026-11-01', 'vaccine', 'Ann Lee');";
                if (i % 3 == 0) {
                    sql += new_bill(n);
                    for (int k = 0; k < 4; ++k) sql += item(10 * n + k, n);
                }
                // Bills of before are edited.
                if (i % 3 == 1)
                    sql += "UPDATE bill SET total_cents = " + text + " WHERE id = '" + row_uuid(6, n - 1) + "';";
                if (i % 3 == 2) sql += item(10 * n + 4, n - 2);
                node.write(sql);
            }
        });
        const double sealed = seconds([&] { node.seal(); });
        std::cout << "1,000 transactions: written in " << wrote << " s, sealed in " << sealed << " s\n";
    }
}
