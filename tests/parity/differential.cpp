#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <pqxx/pqxx>
#include <random>
#include <string>

#include "sync/base/json.h"
#include "sync/catalogue/catalogue.h"
#include "tests/parity/engines.h"
#include "tests/parity/random_statements.h"
#include "tests/support/chance.h"

namespace {

using nlohmann::json;
using vetchart::test::Engines;
using vetchart::test::RandomStatements;

constexpr int kStatements = 3000;
/// When dice leave a verb with too few of a kind, it goes on up to here.
constexpr int kStatementsMax = 3 * kStatements;
constexpr int kEach = kStatements / 60;
constexpr int kCompareEvery = 250;

/// Why it was refused; nullopt: it was taken.
using Refusal = std::optional<std::string>;

Refusal run(SQLite::Database& database, const std::string& sql) {
    try {
        database.exec(sql);
        return std::nullopt;
    } catch (const SQLite::Exception& e) {
        return e.what();
    }
}

Refusal run(pqxx::connection& connection, const std::string& sql) {
    try {
        pqxx::nontransaction transaction(connection);
        transaction.exec(sql);
        return std::nullopt;
    } catch (const pqxx::sql_error& e) {
        return e.sqlstate() + " " + e.what();
    }
}

/// Central gives the number; each engine stamps with its own clock.
void make_comparable(json& image) {
    image.erase("bill_number");
    image.erase("version");
    for (const char* stamp : {"created_at", "updated_at", "issued_at", "paid_at", "cancelled_at"}) {
        if (image.contains(stamp)) image[stamp] = !image[stamp].is_null();
    }
}

using Rows = std::map<std::string, json>;

std::string key_of(const std::string& table, const json& image) {
    if (table != "bill_medical_record") return table + " " + image["id"].get<std::string>();
    return table + " " + image["bill_id"].get<std::string>() + "/" + image["medical_record_id"].get<std::string>();
}

Rows rows_of(SQLite::Database& database) {
    Rows rows;
    for (const vetchart::sync::Table& known : vetchart::sync::tables()) {
        const std::string table(known.name);
        SQLite::Statement query(database, "SELECT * FROM " + table);
        while (query.executeStep()) {
            json image = json::object();
            for (int i = 0; i < query.getColumnCount(); ++i) {
                const SQLite::Column column = query.getColumn(i);
                json& value = image[column.getName()];
                if (column.isInteger()) value = column.getInt64();
                if (column.isText()) value = column.getString();
            }
            make_comparable(image);
            rows[key_of(table, image)] = image;
        }
    }
    return rows;
}

/// Through central's own canonical form, so this compares that as well.
Rows rows_of(pqxx::connection& connection) {
    Rows rows;
    pqxx::nontransaction transaction(connection);
    for (const vetchart::sync::Table& known : vetchart::sync::tables()) {
        const std::string table(known.name);
        for (const auto& row : transaction.exec("SELECT feed_image(t)::text FROM " + table + " t")) {
            json image = json::parse(row[0].c_str());
            make_comparable(image);
            rows[key_of(table, image)] = image;
        }
    }
    return rows;
}

void compare_rows(SQLite::Database& sqlite, pqxx::connection& postgres) {
    const Rows here = rows_of(sqlite);
    const Rows there = rows_of(postgres);
    CHECK(here.size() == there.size());
    for (const auto& [key, image] : there) {
        CAPTURE(key);
        REQUIRE(here.contains(key));
        REQUIRE(here.at(key) == image);
    }
}

struct Tally {
    int taken = 0;
    int refused = 0;
};

/// Rules of a bill that the dice must have met.
constexpr const char* kMet[] = {"bill_issued:", "bill_closed:", "cancel_reason:"};
constexpr int kMetEach = 10;

using Tallies = std::map<std::string, Tally>;

/// Every verb was taken and refused more than kEach times.
bool is_enough(const Tallies& tallies) {
    return std::all_of(tallies.begin(), tallies.end(),
                       [](const auto& each) { return each.second.taken > kEach && each.second.refused > kEach; });
}

void run_both(const Engines& engines, const char* settings) {
    const auto number = static_cast<unsigned>(vetchart::test::seed_of_run());
    WARN("VETCHART_SEED=" << number);
    SQLite::Database sqlite(engines.sqlite_file().string(), SQLite::OPEN_READWRITE);
    sqlite.exec("PRAGMA synchronous = OFF");
    sqlite.exec(settings);
    pqxx::connection postgres(engines.postgres_url() + " options='-c TimeZone=UTC -c client_min_messages=error'");
    RandomStatements statements(number);
    Tallies tallies;
    std::map<std::string, int> met;
    const auto both = [&](const std::string& sql) {
        const int changes_before = sqlite.getTotalChanges();
        const Refusal here = run(sqlite, sql);
        const bool touched = sqlite.getTotalChanges() != changes_before;
        const Refusal there = run(postgres, sql);
        // PostgreSQL reads every literal, also of a statement that then meets no row: a matter of form, not of data.
        if (!here && !touched && there && there->starts_with("22")) return;
        CAPTURE(sql, here.value_or("taken"), there.value_or("taken"));
        REQUIRE(here.has_value() == there.has_value());
        for (const char* const rule : kMet) met[rule] += here && here->find(rule) != std::string::npos ? 1 : 0;
        Tally& tally = tallies[sql.substr(0, sql.find(' '))];
        ++(here ? tally.refused : tally.taken);
    };
    for (const std::string& sql : statements.first()) both(sql);
    compare_rows(sqlite, postgres);
    for (int i = 1; i <= kStatements || (i <= kStatementsMax && !is_enough(tallies)); ++i) {
        CAPTURE(i, number);
        both(statements.next());
        if (i % kCompareEvery == 0) compare_rows(sqlite, postgres);
    }
    compare_rows(sqlite, postgres);
    for (const auto& [rule, times] : met) {
        CAPTURE(rule, times);
        CHECK(times > kMetEach);
    }
    for (const auto& [verb, tally] : tallies) {
        CAPTURE(verb, tally.taken, tally.refused);
        CHECK(tally.taken > kEach);
        CHECK(tally.refused > kEach);
    }
}

}  // namespace

TEST_CASE("parity: both engines take and refuse the same statements, with the same rows after", "[parity]") {
    const Engines engines;
    run_both(engines, "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON");
}

TEST_CASE("parity: so does SQLite as the sqlite3 shell opens it, without foreign keys", "[parity]") {
    const Engines engines;
    run_both(engines, "PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF");
}
