#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "edge/store/log/sync_store.h"
#include "sync/base/json.h"
#include "sync/catalogue/catalogue.h"
#include "tests/edge/store/chart_fixture.h"
#include "tests/support/chance.h"

namespace {

using nlohmann::json;
using vetchart::Done;
using vetchart::Status;
using vetchart::edge::Connection;
using vetchart::edge::Database;
using vetchart::test::ChartFile;
using vetchart::test::row_uuid;
using vetchart::test::TempDir;

std::string literal(const json& value) {
    if (value.is_null()) return "NULL";
    if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
    std::string text = "'";
    for (const char c : value.get<std::string>()) text += c == '\'' ? std::string("''") : std::string(1, c);
    return text + "'";
}

std::string row_condition(const std::string& table, const std::string& row_id) {
    if (table != "bill_medical_record") return "id = '" + row_id + "'";
    return "bill_id = '" + row_id.substr(0, 36) + "' AND medical_record_id = '" + row_id.substr(37) + "'";
}

/// The statement that does once more what one row of the log says, checking that `old` is what is there.
std::string replay(const std::string& table, const std::string& row_id, const std::string& op, const json& old_values,
                   const json& new_values) {
    if (op == "insert") {
        std::string names, values;
        for (const auto& [name, value] : new_values.items()) {
            names += (names.empty() ? "" : ", ") + name;
            values += (values.empty() ? "" : ", ") + literal(value);
        }
        return "INSERT INTO " + table + " (" + names + ") VALUES (" + values + ")";
    }
    std::string condition = row_condition(table, row_id);
    for (const auto& [name, value] : old_values.items()) condition += " AND " + name + " IS " + literal(value);
    if (op == "delete") return "DELETE FROM " + table + " WHERE " + condition;
    std::string sets;
    for (const auto& [name, value] : new_values.items())
        sets += (sets.empty() ? "" : ", ") + name + " = " + literal(value);
    return "UPDATE " + table + " SET " + sets + " WHERE " + condition;
}

/// Rows of the ten tables as text, without version (a local write never moves it).
std::string tables_of(Database& database) {
    std::string text;
    const Status read = database.snapshot([&](Connection& connection) -> Status {
        for (const vetchart::sync::Table& known : vetchart::sync::tables()) {
            const std::string table(known.name);
            SQLite::Statement query(connection.raw(), "SELECT * FROM " + std::string(table) + " ORDER BY 1, 2, 3");
            while (query.executeStep()) {
                text += std::string(table) + ":";
                for (int i = 0; i < query.getColumnCount(); ++i) text += "|" + query.getColumn(i).getString();
                text += "\n";
            }
        }
        return Done{};
    });
    REQUIRE(read.ok());
    return text;
}

/// Replays the whole log of `source` over an empty file; the number of changes done.
int replay_log(Database& source, Database& target) {
    int count = 0;
    const Status done = target.apply([&](Connection& copy) -> Status {
        auto lease = source.read();
        SQLite::Statement log(lease->raw(), "SELECT table_name, row_id, op, old, new FROM change_log ORDER BY seq");
        while (log.executeStep()) {
            const json old_values = log.getColumn(3).isNull() ? json() : json::parse(log.getColumn(3).getString());
            const json new_values = log.getColumn(4).isNull() ? json() : json::parse(log.getColumn(4).getString());
            const std::string sql = replay(log.getColumn(0).getString(), log.getColumn(1).getString(),
                                           log.getColumn(2).getString(), old_values, new_values);
            CAPTURE(sql);
            REQUIRE(copy.raw().exec(sql) == 1);
            ++count;
        }
        return Done{};
    });
    if (!done) FAIL(done.error().context);
    return count;
}

class RandomWork {
public:
    explicit RandomWork(unsigned number) : random_(number) {}

    std::string statement() {
        switch (pick(12)) {
            case 0:
                return "INSERT OR IGNORE INTO owner (id, clinic_id, first_name, last_name, notes) VALUES ('" + id(2) +
                       "', '" + row_uuid(1, 1) + "', 'A\"\\', '\u00e9" + number() + "', char(10, 9))";
            case 1:
                return "INSERT INTO patient (id, clinic_id, owner_id, name, species, gender, age) VALUES ('" + id(3) +
                       "', '" + row_uuid(1, 1) + "', " + maybe(2) + ", 'N', 'cat', 'female', " + number() + ")";
            case 2:
                return "UPDATE patient SET owner_id = " + maybe(2) + ", weight_milli = " + number() + " WHERE age > " +
                       number();
            case 3: return "DELETE FROM owner WHERE id = '" + id(2) + "'";
            case 4: return "DELETE FROM patient WHERE id = '" + id(3) + "'";
            case 5:
                return "INSERT INTO medical_record (id, clinic_id, patient_id, visit_date, record_type, veterinarian) "
                       "VALUES ('" +
                       id(4) + "', '" + row_uuid(1, 1) + "', '" + id(3) + "', '2026-01-02', 'dental', 'V')";
            case 6:
                return "UPDATE bill SET cancel_reason = 'r', status = '" + status() + "' WHERE id = '" + id(6) + "'";
            case 7:
                return "INSERT INTO bill_medical_record (clinic_id, bill_id, medical_record_id) VALUES ('" +
                       row_uuid(1, 1) + "', '" + id(6) + "', '" + id(4) + "')";
            case 8: return "DELETE FROM bill_medical_record WHERE bill_id = '" + id(6) + "'";
            case 9:
                return "UPDATE OR REPLACE owner SET first_name = 'R" + number() + "', email = 'e" + number() +
                       "@x.test' WHERE id = '" + id(2) + "'";
            case 10: return "DELETE FROM appointment WHERE id = '" + row_uuid(5, 1) + "'";
            default: return "UPDATE service_item SET unit_price_cents = " + number();
        }
    }

private:
    unsigned pick(unsigned count) { return std::uniform_int_distribution<unsigned>(0, count - 1)(random_); }
    std::string number() { return std::to_string(pick(20) + 1); }
    std::string id(int kind) { return row_uuid(kind, static_cast<int>(pick(8)) + 1); }
    std::string maybe(int kind) { return pick(3) == 0 ? "NULL" : "'" + id(kind) + "'"; }
    std::string status() {
        const char* const all[] = {"draft", "sent", "paid", "overdue", "cancelled"};
        return all[pick(5)];
    }
    std::mt19937 random_;
};

void expect_replayable(ChartFile& chart) {
    TempDir folder;
    auto copy = Database::open(folder / "copy.db", vetchart::test::chance());
    REQUIRE(copy.ok());
    CHECK(std::to_string(replay_log(chart.database(), **copy)) == chart.value("SELECT count(*) FROM change_log"));
    CHECK(tables_of(**copy) == tables_of(chart.database()));
}

}  // namespace

TEST_CASE("capture: replaying the log over an empty file gives the same tables", "[store][capture]") {
    const auto number = static_cast<unsigned>(vetchart::test::seed_of_run());
    CAPTURE(number);
    ChartFile chart;
    RandomWork work(number);
    std::string script;
    int taken = 0;
    for (int i = 0; i < 600; ++i) {
        const std::string sql = work.statement();
        if (i % 3 == 0) {
            script += sql + ";\n";
        } else if (chart.write(sql).ok()) {
            ++taken;
        }
        if (i % 100 != 99) continue;
        // The shell takes what it can and goes on, with its own settings: no foreign keys, no recursive triggers.
        try {
            chart.shell(".bail off\n" + script);
        } catch (const std::runtime_error&) {
            // Its exit code only tells that some were refused.
        }
        script.clear();
    }
    CHECK(taken > 50);
    CHECK(chart.value("SELECT count(*) FROM change_log WHERE actor IS NULL") != "0");
    expect_replayable(chart);
    CHECK(chart.value("SELECT count(*) FROM pragma_foreign_key_check") == "0");
}

TEST_CASE("capture: every column's lone change is logged, but for version", "[store][capture]") {
    ChartFile chart;
    const Status done = chart.database().maintain([&](Connection& connection) -> Status {
        for (const vetchart::sync::Table& known : vetchart::sync::tables()) {
            const std::string table(known.name);
            SQLite::Statement trigger(connection.raw(), "SELECT sql FROM sqlite_schema WHERE name = ?1");
            trigger.bind(1, table + "_after_update");
            REQUIRE(trigger.executeStep());
            const std::string sql = trigger.getColumn(0).getString();
            const std::string head = sql.substr(0, sql.find("BEGIN"));
            SQLite::Statement columns(connection.raw(), "SELECT name FROM pragma_table_info(?1)");
            columns.bind(1, table);
            while (columns.executeStep()) {
                const std::string column = columns.getColumn(0).getString();
                CAPTURE(table, column);
                const bool compared = head.find("OLD." + column + ",") != std::string::npos ||
                                      head.find("OLD." + column + ")") != std::string::npos;
                CHECK(compared == (column != "version"));
            }
        }
        return Done{};
    });
    CHECK(done.ok());
    const std::string before = chart.value("SELECT count(*) FROM change_log");
    REQUIRE(chart.write("UPDATE owner SET version = 7; UPDATE owner SET last_name = last_name").ok());
    CHECK(chart.value("SELECT count(*) FROM change_log") == before);
}

TEST_CASE("capture: an update logs only what changed, each value in its own type", "[store][capture]") {
    ChartFile chart;
    REQUIRE(chart
                .write("UPDATE patient SET version = 4; UPDATE patient SET age = 3, notes = '[1]', owner_id = NULL, "
                       "updated_at = '2026-01-01T00:00:00.000Z' WHERE id = '" +
                       row_uuid(3, 2) + "'")
                .ok());
    const char* const last = " FROM change_log ORDER BY seq DESC LIMIT 1";
    CHECK(json::parse(chart.value("SELECT new" + std::string(last))) ==
          json{{"age", 3}, {"notes", "[1]"}, {"owner_id", nullptr}, {"updated_at", "2026-01-01T00:00:00.000Z"}});
    const json old_values = json::parse(chart.value("SELECT old" + std::string(last)));
    CHECK(old_values.size() == 4);
    CHECK(old_values["age"].is_null());
    CHECK(old_values["owner_id"] == row_uuid(2, 1));
    CHECK(chart.value("SELECT op || row_version || table_name || actor" + std::string(last)) ==
          "update4patient" + row_uuid(8, 1));
}

TEST_CASE("capture: stamps are part of the one logged change", "[store][capture]") {
    ChartFile chart;
    const std::string bill = row_uuid(6, 5);
    SECTION("by the program") {
        REQUIRE(chart.write("UPDATE bill SET status = 'sent' WHERE id = '" + bill + "'").ok());
    }
    SECTION("by the shell") { chart.shell("UPDATE bill SET status = 'sent' WHERE id = '" + bill + "';"); }
    CHECK(chart.value("SELECT count(*) FROM change_log WHERE row_id = '" + bill + "'") == "2");
    const json values = json::parse(chart.value("SELECT new FROM change_log ORDER BY seq DESC LIMIT 1"));
    CHECK(values["status"] == "sent");
    CHECK(values["issued_at"] == chart.value("SELECT issued_at FROM bill WHERE id = '" + bill + "'"));
    CHECK(values.contains("updated_at"));
}

TEST_CASE("capture: rows of one write carry one marker, rows of the shell none", "[store][capture]") {
    ChartFile chart;
    CHECK(chart.value("SELECT count(DISTINCT txn) || '/' || count(txn) = '1/' || count(*) FROM change_log") == "1");
    chart.shell("UPDATE owner SET notes = 'x';");
    CHECK(chart.value("SELECT count(*) FROM change_log WHERE txn IS NULL AND actor IS NULL") == "2");
    CHECK(chart.value("SELECT coalesce(txn, '-') || coalesce(actor, '-') || applying FROM sync_control") == "--0");
}

TEST_CASE("capture: each change names the person's staff id in its own clinic, nobody where there is none",
          "[store][capture]") {
    ChartFile chart;
    const auto write = [&chart](const vetchart::edge::Actor& actor, const std::string& sql) {
        const auto done =
            chart.database().write(actor, [&sql](vetchart::edge::Connection& connection) -> vetchart::Status {
                connection.exec(sql.c_str());
                return vetchart::Done{};
            });
        INFO((done ? std::string() : done.error().context));
        REQUIRE(done.ok());
    };
    const std::string other = row_uuid(1, 2), here = row_uuid(8, 1), there = row_uuid(8, 2);
    write({}, "INSERT INTO clinic (id, code, name) VALUES ('" + other + "', 'SOUTH', 'South')");
    CHECK(chart.value("SELECT txn IS NOT NULL AND actor IS NULL FROM change_log ORDER BY seq DESC LIMIT 1") == "1");
    write({{row_uuid(1, 1), here}, {other, there}},
          "UPDATE clinic SET phone = '1'; UPDATE owner SET notes = 'x' WHERE id = '" + row_uuid(2, 1) + "'");
    CHECK(chart.value("SELECT group_concat(actor) FROM (SELECT actor FROM change_log ORDER BY seq DESC LIMIT 3)") ==
          here + "," + there + "," + here);
    chart.shell("UPDATE clinic SET phone = '2';");
    vetchart::edge::SyncStore store(chart.database());
    REQUIRE(store.lives.new_incarnation("ABCDE").ok());
    REQUIRE(store.log.seal().ok());
    // One commit in two clinics is a transaction of each hand; a shell's stays one.
    CHECK(chart.value("SELECT group_concat(coalesce(actor, '-') || ':' || (last_seq - first_seq)) FROM "
                      "(SELECT * FROM sync_txn ORDER BY first_seq DESC LIMIT 4)") ==
          "-:1," + here + ":0," + there + ":0," + here + ":0");
    const auto push = store.log.next_push(vetchart::sync::kBatchBytesMax, vetchart::sync::kBatchTransactionsMax);
    REQUIRE(push.ok());
    CHECK_FALSE(push->transactions.back().actor.has_value());
}

TEST_CASE("capture: a fork seals all work of every life anew, each logged row in one transaction", "[store][capture]") {
    ChartFile chart;
    vetchart::edge::SyncStore store(chart.database());
    const std::string set_notes = "UPDATE owner SET notes = '";
    const std::string pending = "SELECT sum(last_seq - first_seq + 1) FROM sync_txn WHERE state = 'local'";
    REQUIRE(store.lives.new_incarnation("AAAAA").ok());
    REQUIRE(store.log.seal().ok());
    const std::string first_life = chart.value("SELECT incarnation FROM node_state");
    REQUIRE(chart.write(set_notes + "of the first life'").ok());
    REQUIRE(store.log.seal().ok());
    // A second life begins while the first has work that was never sent.
    REQUIRE(store.lives.new_incarnation("BBBBB").ok());
    REQUIRE(chart.write(set_notes + "of the second life'").ok());
    REQUIRE(store.log.seal().ok());
    const std::string logged = chart.value("SELECT count(*) FROM change_log");
    REQUIRE(chart.value(pending) == logged);

    const std::string common = chart.value("SELECT min(last_seq) FROM sync_txn");
    REQUIRE(store.lives.fork(first_life, std::stoll(common), "CCCCC").ok());
    REQUIRE(store.log.seal().ok());
    CHECK(chart.value(pending) == logged);
    CHECK(chart.value("SELECT count(*) FROM change_log l WHERE 1 <> (SELECT count(*) FROM sync_txn t "
                      "WHERE l.seq BETWEEN t.first_seq AND t.last_seq)") == "0");
    CHECK(chart.value("SELECT count(DISTINCT incarnation) FROM sync_txn WHERE first_seq > " + common) == "1");
    const auto push = store.log.next_push(vetchart::sync::kBatchBytesMax, vetchart::sync::kBatchTransactionsMax);
    REQUIRE(push.ok());
    // In its life a transaction has its number, without gaps; a change keeps the life and the mark it was captured
    // with.
    CHECK(chart.value("SELECT count(*) FROM (SELECT number, row_number() OVER (PARTITION BY incarnation ORDER BY "
                      "first_seq) AS place FROM sync_txn) WHERE number <> place") == "0");
    CHECK(chart.value("SELECT count(DISTINCT incarnation) FROM change_log") == "3");
    CHECK(chart.value("SELECT count(DISTINCT mark) FROM change_log WHERE length(mark) = 16") == logged);
}

TEST_CASE("capture: the image before the first local touch is kept", "[store][capture]") {
    ChartFile chart;
    const std::string owner = row_uuid(2, 1);
    CHECK(chart.value("SELECT image FROM sync_base WHERE row_id = '" + owner + "'") == "NULL");
    // What a settled row looks like: central has confirmed it and nothing local is left.
    REQUIRE(chart.database()
                .apply([&](Connection& connection) -> Status {
                    connection.exec("UPDATE owner SET version = 9; DELETE FROM sync_base");
                    return Done{};
                })
                .ok());
    REQUIRE(chart.write("UPDATE owner SET notes = 'one'; UPDATE owner SET notes = 'two'").ok());
    const json image = json::parse(chart.value("SELECT image FROM sync_base WHERE row_id = '" + owner + "'"));
    CHECK(image["notes"].is_null());
    CHECK(image["version"] == 9);
    CHECK(image["first_name"] == "Kim");
    CHECK(chart.value(
              "SELECT (SELECT min(seq) = b.first_seq AND max(seq) = b.last_seq FROM change_log l WHERE l.row_id = "
              "b.row_id AND l.row_version = 9) FROM sync_base b WHERE row_id = '" +
              owner + "'") == "1");
    CHECK(chart.value("SELECT count(*) FROM sync_base") == "2");
}

TEST_CASE("capture: an apply is not captured and meets no rule", "[store][capture]") {
    ChartFile chart;
    const std::string before = chart.value("SELECT count(*) FROM change_log");
    int told = 0;
    chart.database().on_commit([&] { ++told; });
    const Status done = chart.database().apply([&](Connection& connection) -> Status {
        connection.exec(("UPDATE bill SET bill_number = 'BILL-000001' WHERE id = '" + row_uuid(6, 1) +
                         "';"
                         "DELETE FROM bill_item; DELETE FROM bill_medical_record; DELETE FROM bill")
                            .c_str());
        return Done{};
    });
    CHECK(done.ok());
    CHECK(chart.value("SELECT count(*) FROM change_log") == before);
    CHECK(chart.value("SELECT count(*) FROM bill") == "0");
    CHECK(told == 0);
}

TEST_CASE("capture: times are corrected by the offset and never decrease", "[store][capture]") {
    ChartFile chart;
    REQUIRE(chart.database()
                .maintain([](Connection& connection) -> Status {
                    connection.exec("UPDATE sync_control SET clock_offset_ms = 3600500");
                    return Done{};
                })
                .ok());
    REQUIRE(chart.write("UPDATE owner SET notes = 'x'").ok());
    const char* const minutes_ahead =
        "SELECT CAST(round((julianday(at) - julianday('now')) * 1440) AS INTEGER) FROM change_log ORDER BY seq DESC "
        "LIMIT 1";
    CHECK(chart.value(minutes_ahead) == "60");
    REQUIRE(chart.database()
                .maintain([](Connection& connection) -> Status {
                    connection.exec("UPDATE sync_control SET clock_offset_ms = -3600000");
                    return Done{};
                })
                .ok());
    REQUIRE(chart.write("UPDATE owner SET notes = 'y'").ok());
    CHECK(chart.value("SELECT count(*) FROM change_log a JOIN change_log b ON b.seq = a.seq + 1 WHERE b.at < a.at") ==
          "0");
    CHECK(chart.value(minutes_ahead) == "60");
}

TEST_CASE("capture: a column that a migration adds is captured after the next open", "[store][capture]") {
    ChartFile chart;
    chart.shell("ALTER TABLE owner ADD COLUMN nickname TEXT;");
    auto opened = Database::open(chart.file(), vetchart::test::chance());
    REQUIRE(opened.ok());
    chart.shell("UPDATE owner SET nickname = 'K', notes = 'n';");
    CHECK(json::parse(chart.value("SELECT new FROM change_log ORDER BY seq DESC LIMIT 1"))["nickname"] == "K");
}
