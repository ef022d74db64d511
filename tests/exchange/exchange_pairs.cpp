// Every kind of write against every kind that can meet it, generated from the catalogue: what a new table or column
// adds is tried on the day it is made. All cases share one central and two nodes; each has rows of its own, whose ids
// end in its number. The outcomes are those of docs/adr/0012-one-decider.md.
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "sync/catalogue/catalogue.h"
#include "sync/engine/bill_group.h"
#include "tests/exchange/desk.h"
#include "tests/exchange/pair_kinds.h"

using namespace vetchart;
using namespace vetchart::test;
using sync::Column;
using sync::ColumnKind;
using sync::Table;
using sync::Writer;

namespace {

/// The codes of what the ADR says of the pair; nullopt: the table does not say.
std::optional<std::set<std::string>> expected_items(const Case& pair) {
    using Codes = std::set<std::string>;
    const Kind &a = pair.a, &b = pair.b;
    if (a.table->name == "staff" || b.table->name == "staff") return std::nullopt;  // notices of their own
    if (a.what == What::restore || b.what == What::restore || a.what == What::merge || b.what == What::merge)
        return std::nullopt;
    const bool group_a = a.is_in_group() && (a.table->name != "bill" || a.what != What::hard);
    const bool group_b = b.is_in_group() && (b.table->name != "bill" || b.what != What::hard);
    if (a.what == What::status && b.what == What::status) {
        return a.value == b.value ? Codes{} : Codes{"status_elsewhere"};
    }
    if (group_a && b.what == What::status) return std::nullopt;  // a closed bill's items
    if (group_a && group_b) {
        if (a.table == b.table && a.what == What::hard && b.what == What::hard) return Codes{};
        return std::nullopt;
    }
    if (a.table != b.table || is_structural(a) || is_structural(b)) {
        if (a.table != b.table || a.is_in_group() || b.is_in_group()) return std::nullopt;
        if (a.what == What::hard && b.what == What::hard) return Codes{};
        if (b.what == What::hard && (a.what == What::column)) return Codes{"delete_refused"};
        if (a.what == What::hard && b.what == What::column) return Codes{"brought_back"};
        if (a.what == What::soft && b.what == What::column) return Codes{"worked_on_deleted"};
        if (a.what == What::column && b.what == What::soft) return Codes{};
        return std::nullopt;
    }
    if (a.what == What::reference || b.what == What::reference) return std::nullopt;
    if (a.column != b.column) return Codes{};
    const bool equal = written_value(*a.column, 'A', 1) == written_value(*b.column, 'B', 1);
    return equal ? Codes{} : Codes{"changed_elsewhere"};
}

/// All cases on one central and two nodes.
class Pairs {
public:
    Pairs() : cases(all_cases()) {
        desk_.emplace();
        fill();
        desk_->a.pull(5000);
        desk_->b.pull(5000);
        run();
        read();
    }

    std::vector<Case> cases;
    Desk& desk() { return *desk_; }

private:
    /// Rows of the tables that a case needs: its own, and whatever those name.
    void fill() {
        std::map<const Table*, std::vector<int>> needed;
        std::map<const Table*, std::vector<int>> deleted;
        for (const Case& pair : cases) {
            std::set<const Table*> tables{pair.a.table, pair.b.table};
            if (tables.contains(&sync::table_of("bill"))) {
                for (const Table* part : parts_of_bills()) tables.insert(part);
            }
            for (std::size_t before = 0; before != tables.size();) {
                before = tables.size();
                for (const Table* table : std::set(tables)) {
                    for (const Column& column : table->columns) {
                        if (column.kind == ColumnKind::reference && column.parent != "clinic") {
                            tables.insert(&sync::table_of(column.parent));
                        }
                    }
                }
            }
            for (const Table* table : tables) needed[table].push_back(pair.number);
            if (pair.row() == kDeleted) {
                for (const Table* table : {pair.a.table, pair.b.table}) {
                    if (table->find("deleted_at") != nullptr) deleted[table].push_back(pair.number);
                    if (pair.a.table == pair.b.table) break;
                }
            }
        }
        std::string sql;
        for (const Table& table : sync::tables()) {
            for (const int row : {kNamed, kSubject, kDeleted}) {
                const auto& numbers = row == kDeleted ? deleted[&table] : needed[&table];
                if (numbers.empty()) continue;
                std::string list;
                for (const int number : numbers) list += (list.empty() ? "" : ",") + std::to_string(number);
                sql += "DO $fill$ DECLARE n int; BEGIN FOREACH n IN ARRAY '{" + list +
                       "}'::int[] LOOP EXECUTE replace($row$" + insert_text(table, row, desk_->clinic, kNumber) +
                       "$row$, '" + kNumber + "', lpad(n::text, 12, '0')); END LOOP; END $fill$;\n";
            }
        }
        desk_->central.psql("BEGIN;" + sql + "COMMIT;");
    }

    /// A node writes the given cases' sides, each as a transaction of its own, in one commit.
    void write(NodeWorld& node, char side, const std::function<bool(const Case&)>& chosen) {
        const Status done =
            node.database().write({{desk_->clinic, desk_->ann}}, [&](edge::Connection& connection) -> Status {
                for (Case& pair : cases) {
                    if (!chosen(pair)) continue;
                    const std::string marker = std::string(1, side) + std::to_string(pair.number);
                    connection.exec(("UPDATE sync_control SET txn = '" + marker + "'; SAVEPOINT pair").c_str());
                    try {
                        connection.exec(
                            sql_of(side == 'A' ? pair.a : pair.b, desk_->clinic, pair.row(), side, pair.number)
                                .c_str());
                        pair.written[side == 'A' ? 0 : 1] = true;
                    } catch (const SQLite::Exception&) {
                        connection.exec("ROLLBACK TO pair");
                    }
                    connection.exec("RELEASE pair");
                }
                return Done{};
            });
        INFO((done ? std::string() : done.error().context));
        REQUIRE(done.ok());
    }

    void write_psql() {
        std::string sql = "CREATE TABLE pair_refused (n int);";
        for (const Case& pair : cases) {
            if (pair.stage != Stage::first_is_psql) continue;
            sql += "DO $pair$ BEGIN " + sql_of(pair.a, desk_->clinic, pair.row(), 'A', pair.number) +
                   " EXCEPTION WHEN OTHERS THEN INSERT INTO pair_refused VALUES (" + std::to_string(pair.number) +
                   "); END $pair$;\n";
        }
        desk_->central.psql(sql);
        std::istringstream refused(desk_->central.psql("SELECT n FROM pair_refused"));
        std::set<int> numbers;
        for (int n = 0; refused >> n;) numbers.insert(n);
        for (Case& pair : cases) {
            if (pair.stage == Stage::first_is_psql) pair.written[0] = !numbers.contains(pair.number);
        }
    }

    void run() {
        const auto is = [](Stage stage) { return [stage](const Case& pair) { return pair.stage == stage; }; };
        write(desk_->a, 'A', is(Stage::first_is_earlier));
        write(desk_->b, 'B', [](const Case&) { return true; });
        write(desk_->a, 'A', is(Stage::first_is_later));
        desk_->a.push();
        write_psql();
        desk_->b.push();
        desk_->settle();
    }

    void read() {
        std::map<std::string, Case*> by_marker;
        for (Case& pair : cases) by_marker["B" + std::to_string(pair.number)] = &pair;
        SQLite::Database file(desk_->b.database().file().string(), SQLite::OPEN_READONLY);
        SQLite::Statement query(
            file,
            "SELECT l.txn, coalesce(t.outcome, ''), coalesce(t.code, '') FROM sync_txn t JOIN change_log l "
            "ON l.seq = t.first_seq");
        while (query.executeStep()) {
            const auto found = by_marker.find(query.getColumn(0).getString());
            if (found == by_marker.end()) continue;
            found->second->outcome = query.getColumn(1).getString();
            found->second->code = query.getColumn(2).getString();
        }
        std::istringstream items(
            desk_->central.psql("SELECT right(row_id, 12)::int, code, coalesce(replace(mine #>> '{}', ' ', ''), '') "
                                "FROM sync_item WHERE row_id ~ '[0-9]{12}$' "
                                "AND kind <> 'quarantine' AND status = 'open'"));
        for (std::string line; std::getline(items, line);) {
            std::smatch parts;
            if (!std::regex_match(line, parts, std::regex(R"((\d+)\|([^|]*)\|(.*))"))) continue;
            const auto number = static_cast<std::size_t>(std::stoi(parts[1]));
            if (number == 0 || number > cases.size()) continue;
            cases[number - 1].items.insert(parts[2]);
            cases[number - 1].mine.insert(parts[3]);
        }
    }

    std::optional<Desk> desk_;
};

/// One for all the tests here: its cases are a minute's work.
Pairs& pairs() {
    static Pairs made;
    return made;
}

std::string joined(const std::set<std::string>& codes) {
    std::string text;
    for (const std::string& code : codes) text += (text.empty() ? "" : ", ") + code;
    return text.empty() ? "none" : text;
}

std::set<std::string> tokens_in(const std::string& text) {
    static const std::regex kToken("[ABab]x[0-9]{6}");
    return {std::sregex_token_iterator(text.begin(), text.end(), kToken), std::sregex_token_iterator()};
}

}  // namespace

TEST_CASE("exchange pairs: whatever meets, both nodes and central agree and nothing waits", "[exchange][pairs]") {
    Pairs& all = pairs();
    std::cout << "  pairs: " << all.cases.size() << " cases\n";
    CHECK(all.cases.size() > 2000 / kCaseStride);
    const std::string central = picture_of(all.desk().central, all.desk().clinic);
    for (NodeWorld* node : {&all.desk().a, &all.desk().b}) {
        CHECK((picture_of(*node, true) == central));
        CHECK(node->read("SELECT count(*) FROM sync_txn WHERE state <> 'settled' AND outcome IS NOT 'held'") == "0");
        CHECK(node->read("SELECT count(*) FROM pragma_foreign_key_check") == "0");
    }
}

TEST_CASE("exchange pairs: no case is held for a reason inside of central", "[exchange][pairs]") {
    std::map<std::string, std::vector<std::string>> held;
    for (const Case& pair : pairs().cases) {
        if (!pair.written[1]) continue;
        INFO(pair.name());
        CHECK_FALSE(pair.outcome.empty());
        if (pair.outcome == "held") held[pair.code].push_back(pair.name());
    }
    for (const auto& [code, names] : held) {
        INFO(code << " of " << names.size() << ", as " << names.front());
        CHECK(
            std::set<std::string>{"admin_needed", "last_admin", "deactivated_elsewhere", "staff_email_taken"}.contains(
                code));
    }
}

TEST_CASE("exchange pairs: every text that was written is in a row, in an item or in a tombstone",
          "[exchange][pairs]") {
    Pairs& all = pairs();
    std::string kept = picture_of(all.desk().central, all.desk().clinic);
    kept += all.desk().central.psql("SELECT i::text FROM sync_item i");
    kept += all.desk().central.psql("SELECT image::text FROM sync_tombstone");
    const std::set<std::string> found = tokens_in(kept);
    std::vector<std::string> lost;
    for (const Case& pair : all.cases) {
        for (const int side : {0, 1}) {
            const char letter = side == 0 ? 'A' : 'B';
            const std::string sql = sql_of(side == 0 ? pair.a : pair.b, "", pair.row(), letter, pair.number);
            if (!pair.written[side]) continue;
            for (const std::string& token : tokens_in(sql)) {
                if (!found.contains(token)) lost.push_back(token + " of " + pair.name());
            }
        }
    }
    for (const std::string& text : lost) UNSCOPED_INFO(text);
    CHECK(lost.empty());
}

TEST_CASE("exchange pairs: what opens is what the decision says", "[exchange][pairs]") {
    std::map<std::string, std::vector<std::string>> wrong;
    int told = 0;
    for (const Case& pair : pairs().cases) {
        const auto expected = expected_items(pair);
        if (!expected || !pair.written[0] || !pair.written[1]) continue;
        ++told;
        if (pair.items != *expected || pair.outcome == "held") {
            wrong[joined(*expected) + " expected, " + joined(pair.items) + ", " + pair.outcome + " " + pair.code]
                .push_back(pair.name());
        }
        if (*expected == std::set<std::string>{"changed_elsewhere"} && pair.a.column->kind == ColumnKind::text) {
            // The later edit stands; what lost is the item's own.
            const std::string loser = (pair.b_is_later() ? "Ax" : "Bx") + digits(pair.number, 6);
            INFO(pair.name());
            CHECK(pair.mine == std::set<std::string>{loser});
        }
    }
    std::cout << "  pairs: " << told << " have an outcome of their own\n";
    CHECK(told > 500 / kCaseStride);
    for (const auto& [what, names] : wrong) {
        INFO(what << ": " << names.size() << " cases, as " << names.front());
        CHECK(names.empty());
    }
}
