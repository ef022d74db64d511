// What becomes of a transaction does not depend on where the line cut its batches: the same work goes to three
// centrals, as one batch, one by one, and cut at random. The three have nothing in common but what is written.
#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <catch2/catch.hpp>
#include <iostream>
#include <optional>
#include <random>
#include <sstream>

#include "sync/catalogue/catalogue.h"
#include "tests/exchange/desk.h"
#include "tests/support/chance.h"

using namespace vetchart;
using namespace vetchart::test;

namespace {

enum class Cut { one_batch, one_by_one, at_random };
constexpr std::array kCuts = {Cut::one_batch, Cut::one_by_one, Cut::at_random};

constexpr int kOwners = 8, kPatients = 6, kBills = 6, kItems = 10;

constexpr const char* kIdHead = "00000000-0000-7000-8";

std::string id_of(int kind, int number) {
    std::string tail = std::to_string(number);
    tail.insert(0, 12 - tail.size(), '0');
    return kIdHead + std::to_string(kind) + "00-" + tail;
}
std::string owner_id(int number) { return id_of(2, number); }
std::string patient_id(int number) { return id_of(3, number); }
std::string bill_id(int number) { return id_of(6, number); }
std::string item_id(int number) { return id_of(7, number); }

/// A transaction as it is said to each of the three: `@clinic` and `@code` stand for what differs.
std::string said_to(NodeWorld& node, const std::string& code, std::string sql) {
    for (const auto& [word, value] :
         {std::pair<std::string, std::string>{"@clinic", node.clinic_id()}, {"@code", code}}) {
        for (auto at = sql.find(word); at != std::string::npos; at = sql.find(word))
            sql.replace(at, word.size(), value);
    }
    return sql;
}

/// One of the three: a central, a node whose work arrives first, and one whose work arrives cut.
class World {
public:
    explicit World(Cut cut) : cut_(cut), code_a_(code_of(desk.a)), code_b_(code_of(desk.b)) {}

    /// Each text is a transaction; what a node's own rules refuse is none. Returns how many were written.
    int write(NodeWorld& node, const std::vector<std::string>& transactions) {
        int written = 0;
        const std::string& code = &node == &desk.a ? code_a_ : code_b_;
        const Status done =
            node.database().write({{desk.clinic, desk.ann}}, [&](edge::Connection& connection) -> Status {
                for (const std::string& sql : transactions) {
                    ++marker_;
                    connection.exec(
                        ("UPDATE sync_control SET txn = 'm" + std::to_string(marker_) + "'; SAVEPOINT said").c_str());
                    try {
                        connection.exec(said_to(node, code, sql).c_str());
                        ++written;
                    } catch (const SQLite::Exception&) {
                        connection.exec("ROLLBACK TO said");
                    }
                    connection.exec("RELEASE said");
                }
                return Done{};
            });
        INFO((done ? std::string() : done.error().context));
        REQUIRE(done.ok());
        return written;
    }

    /// B's work goes up as this world cuts it; returns outcome and code of each transaction.
    std::vector<std::string> push_cut(std::mt19937_64& random) {
        std::vector<std::string> results;
        for (;;) {
            sync::PushRequest request = desk.b.next_push();
            if (request.transactions.empty()) return results;
            std::size_t size = request.transactions.size();
            if (cut_ == Cut::one_by_one) size = 1;
            if (cut_ == Cut::at_random)
                size = std::uniform_int_distribution<std::size_t>(1, std::min<std::size_t>(size, 30))(random);
            request.transactions.resize(size);
            const auto answer = desk.b.deliver(request);
            REQUIRE_FALSE(answer.is_refused());
            for (const auto& result : answer.reply().results) {
                results.push_back(std::string(sync::to_string(result.outcome)) + " " + result.code.value_or(""));
            }
            REQUIRE(desk.b.store().log.acknowledge(request.incarnation, answer.reply(), now()).ok());
            REQUIRE(desk.b.store().log.not_sent().ok());
        }
    }

    /// All rows but what is of one world alone: its clinic, times, numbers and versions.
    std::string rows() {
        std::string all;
        std::istringstream lines(picture_of(desk.central, desk.clinic));
        for (std::string line; std::getline(lines, line);) {
            const auto blank = line.find(' ');
            const std::string table = line.substr(0, blank);
            if (table == "clinic" || table == "staff") continue;
            if (line.find(kIdHead) == std::string::npos) continue;  // the desk's own owner
            sync::Json row = sync::Json::parse(line.substr(blank + 1));
            for (const char* column : {"clinic_id", "created_at", "updated_at", "version", "bill_number",
                                       "provisional_number", "issued_at", "paid_at", "cancelled_at"}) {
                row.erase(column);
            }
            all += table + " " + row.dump() + "\n";
        }
        return all;
    }

    /// `status`: the SQL of what is told of an item's state.
    std::string items(const std::string& status = "status") {
        return desk.central.psql(
            "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (SELECT concat_ws(' ', kind, code, table_name, row_id, "
            "column_name, " +
            status + ") AS line FROM sync_item WHERE table_name NOT IN ('staff', 'clinic')) AS told");
    }

    Desk desk;

private:
    static std::string code_of(NodeWorld& node) { return node.read("SELECT node_code FROM node_state"); }

    Cut cut_;
    std::string code_a_, code_b_;
    int marker_ = 0;
};

/// Random transactions on few rows, so that they meet.
class Sayings {
public:
    explicit Sayings(std::uint64_t seed) : random_(seed) {}

    std::vector<std::string> transactions(int count, char side) {
        std::vector<std::string> all;
        for (int i = 0; i < count; ++i) {
            std::string sql;
            for (int left = 1 + below(3); left > 0; --left) sql += statement(side);
            all.push_back(sql);
        }
        return all;
    }

    std::mt19937_64& random() { return random_; }

private:
    int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
    static std::string quoted(const std::string& text) { return "'" + text + "'"; }
    std::string owner() { return quoted(owner_id(1 + below(kOwners))); }
    std::string patient() { return quoted(patient_id(1 + below(kPatients))); }
    std::string bill() { return quoted(bill_id(1 + below(kBills))); }
    std::string item() { return quoted(item_id(1 + below(kItems))); }

    std::string statement(char side) {
        const std::string value = quoted(std::string(1, side) + std::to_string(++said_));
        const std::string o = owner(), p = patient(), b = bill(), i = item();
        static const std::array kStatuses = {"draft", "sent", "paid", "cancelled", "overdue"};
        static const std::array kColumns = {"phone", "notes", "address", "first_name"};
        switch (below(18)) {
            case 0:
            case 1:
            case 2:
                return "UPDATE owner SET " + std::string(kColumns[static_cast<std::size_t>(below(4))]) + " = " + value +
                       " WHERE id = " + o + ";";
            case 3:
                return "UPDATE owner SET email = 'e" + std::to_string(below(6)) + "@mail.example' WHERE id = " + o +
                       ";";
            case 4:
                return "UPDATE owner SET deleted_at = '2026-02-0" + std::to_string(1 + below(9)) +
                       "T00:00:00.000Z' WHERE id = " + o + ";";
            case 5: return "UPDATE owner SET deleted_at = NULL, merged_into = NULL WHERE id = " + o + ";";
            case 6: return "DELETE FROM owner WHERE id = " + o + ";";
            case 7:
                return "INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES (" + o + ", '@clinic', " +
                       value + ", 'N');";
            case 8: return "UPDATE patient SET owner_id = " + o + " WHERE id = " + p + ";";
            case 9: return "UPDATE patient SET name = " + value + " WHERE id = " + p + ";";
            case 10: return "DELETE FROM patient WHERE id = " + p + ";";
            case 11:
                return "INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES (" + p +
                       ", '@clinic', " + o + ", " + value + ", 'Dog', 'male');";
            case 12: {
                const std::string into = owner();
                return "UPDATE patient SET owner_id = " + into + " WHERE owner_id = " + o +
                       "; UPDATE owner SET merged_into = " + into +
                       ", deleted_at = '2026-02-01T00:00:00.000Z', email = NULL WHERE id = " + o + " AND id <> " +
                       into + ";";
            }
            case 13: return "UPDATE bill SET notes = " + value + " WHERE id = " + b + ";";
            case 14:
                return "UPDATE bill SET status = '" + std::string(kStatuses[static_cast<std::size_t>(below(5))]) +
                       "', cancel_reason = 'r' WHERE id = " + b + " AND status <> 'paid';";
            case 15: return "UPDATE bill SET total_cents = " + std::to_string(below(1000)) + " WHERE id = " + b + ";";
            case 16:
                return "UPDATE bill_item SET description = " + value + ", bill_id = " + b + " WHERE id = " + i + ";";
            default:
                return "DELETE FROM bill_item WHERE id = " + i +
                       "; INSERT INTO bill_item (id, clinic_id, bill_id, position, description, "
                       "quantity_milli, unit_price_cents, total_price_cents) VALUES (" +
                       i + ", '@clinic', " + b + ", 0, " + value + ", 1000, 1, 1);";
        }
    }

    std::mt19937_64 random_;
    int said_ = 0;
};

/// The first line in which two texts differ; empty: they are equal.
std::string first_difference(const std::string& text, const std::string& expected) {
    std::istringstream ours(text), theirs(expected);
    for (std::string line, other; std::getline(ours, line);) {
        std::getline(theirs, other);
        if (line != other) return line + "\n" + other;
    }
    return text == expected ? "" : "one is longer";
}

std::vector<std::string> beginning() {
    std::vector<std::string> all;
    for (int i = 1; i <= kOwners; ++i) {
        all.push_back("INSERT INTO owner (id, clinic_id, first_name, last_name) VALUES ('" + owner_id(i) +
                      "', '@clinic', 'O', 'N');");
    }
    for (int i = 1; i <= kPatients; ++i) {
        all.push_back("INSERT INTO patient (id, clinic_id, owner_id, name, species, gender) VALUES ('" + patient_id(i) +
                      "', '@clinic', '" + owner_id(i) + "', 'P', 'Dog', 'male');");
    }
    for (int i = 1; i <= kBills; ++i) {
        all.push_back(
            "INSERT INTO bill (id, clinic_id, owner_id, patient_id, provisional_number, subtotal_cents, tax_cents, "
            "total_cents, status, bill_date, due_date) VALUES ('" +
            bill_id(i) + "', '@clinic', '" + owner_id(i) + "', '" + patient_id(i % 3 + 1) + "', '@code-00000" +
            std::to_string(i) + "', 0, 0, 0, 'draft', '2026-11-22', '2026-12-22');");
    }
    return all;
}

}  // namespace

TEST_CASE("exchange batches: the cuts of a line change neither outcomes nor rows", "[exchange][batches]") {
    const std::uint64_t seed = seed_of_run();
    INFO("VETCHART_SEED=" << seed);
    std::cout << "exchange batches: VETCHART_SEED=" << seed << std::endl;
    Sayings sayings(seed);
    std::vector<std::unique_ptr<World>> worlds;
    for (const Cut cut : kCuts) worlds.push_back(std::make_unique<World>(cut));
    for (auto& world : worlds) {
        world->write(world->desk.a, beginning());
        world->desk.settle();
    }
    std::size_t pushed = 0;
    for (int round = 0; round < 6; ++round) {
        const auto by_a = sayings.transactions(60, 'A'), by_b = sayings.transactions(240, 'B');
        std::vector<std::vector<std::string>> outcomes;
        std::vector<int> written;
        for (auto& world : worlds) {
            written.push_back(world->write(world->desk.a, by_a));
            written.back() += 1000 * world->write(world->desk.b, by_b);
            world->desk.a.push();
            outcomes.push_back(world->push_cut(sayings.random()));
            world->desk.settle();
        }
        INFO("round " << round);
        for (std::size_t other : {1U, 2U}) {
            REQUIRE(written[other] == written[0]);
            REQUIRE(outcomes[other].size() == outcomes[0].size());
            for (std::size_t i = 0; i < outcomes[0].size(); ++i) {
                INFO("transaction " << i);
                REQUIRE(outcomes[other][i] == outcomes[0][i]);
            }
            REQUIRE(first_difference(worlds[other]->rows(), worlds[0]->rows()) == "");
            CHECK(first_difference(worlds[other]->items("''"), worlds[0]->items("''")) == "");
            CHECK(first_difference(worlds[other]->items(), worlds[0]->items()) == "");
        }
        for (const std::string& outcome : outcomes[0]) CHECK(outcome != "held internal");
        pushed += outcomes[0].size();
    }
    std::cout << "  " << pushed << " transactions\n";
    CHECK(pushed > 300);
}

namespace {

using Outcomes = std::vector<std::string>;

/// A world in which `before` stands on both nodes, and what central made of each of B's `transactions` after that.
struct Told {
    Told(Cut cut, const std::vector<std::string>& before, const std::vector<std::string>& transactions) : world(cut) {
        world.write(world.desk.a, beginning());
        REQUIRE(world.write(world.desk.a, before) == static_cast<int>(before.size()));
        world.desk.settle();
        REQUIRE(world.write(world.desk.b, transactions) == static_cast<int>(transactions.size()));
        std::mt19937_64 random(draw_below(chance(), 1000));
        outcomes = world.push_cut(random);
        world.desk.require_equal();
        CHECK(world.items() == "");
    }
    std::string psql(const std::string& sql) { return world.desk.central.psql(sql); }

    World world;
    Outcomes outcomes;
};

std::string set_email(int owner, const std::string& email) {
    return "UPDATE owner SET email = " + email + " WHERE id = '" + owner_id(owner) + "';";
}

}  // namespace

TEST_CASE("exchange batches: two owners swap their addresses in one transaction", "[exchange][batches]") {
    for (const Cut cut : kCuts) {
        Told told(cut, {set_email(1, "'one@mail.example'"), set_email(2, "'two@mail.example'")},
                  {set_email(1, "NULL") + set_email(2, "'one@mail.example'") + set_email(1, "'two@mail.example'")});
        CHECK(told.outcomes == Outcomes{"applied "});
        CHECK(
            told.psql("SELECT string_agg(email, ' ' ORDER BY id) FROM owner WHERE email IS NOT NULL AND id::text LIKE "
                      "'00000000-%'") == "two@mail.example one@mail.example");
    }
}

TEST_CASE("exchange batches: an item moves to another bill while its own is paid", "[exchange][batches]") {
    const std::string make =
        "INSERT INTO bill_item (id, clinic_id, bill_id, position, description, quantity_milli, unit_price_cents, "
        "total_price_cents) VALUES ('" +
        item_id(1) + "', '@clinic', '" + bill_id(1) + "', 0, 'Exam', 1000, 1, 1);";
    const std::string move = "UPDATE bill_item SET bill_id = '" + bill_id(2) + "' WHERE id = '" + item_id(1) + "';";
    const std::string pay = "UPDATE bill SET total_cents = 0, status = 'paid' WHERE id = '" + bill_id(1) + "';";
    for (const Cut cut : kCuts) {
        Told together(cut, {make}, {move + pay});
        CHECK(together.outcomes == Outcomes{"applied "});
        CHECK(together.psql("SELECT bill_id FROM bill_item") == bill_id(2));
        Told apart(cut, {make}, {move, pay});
        CHECK(apart.outcomes == Outcomes{"applied ", "applied "});
        CHECK(apart.psql("SELECT status FROM bill WHERE id = '" + bill_id(1) + "'") == "paid");
    }
}

TEST_CASE("exchange batches: an owner goes, and a new one has the address", "[exchange][batches]") {
    const std::string remove = "DELETE FROM owner WHERE id = '" + owner_id(8) + "';";
    const std::string insert = "INSERT INTO owner (id, clinic_id, first_name, last_name, email) VALUES ('" +
                               owner_id(9) + "', '@clinic', 'New', 'N', 'one@mail.example');";
    for (const Cut cut : kCuts) {
        Told together(cut, {set_email(8, "'one@mail.example'")}, {remove + insert});
        CHECK(together.outcomes == Outcomes{"applied "});
        Told apart(cut, {set_email(8, "'one@mail.example'")}, {remove, insert});
        CHECK(apart.outcomes == Outcomes{"applied ", "applied "});
        for (Told* told : {&together, &apart}) {
            CHECK(told->psql("SELECT id FROM owner WHERE email = 'one@mail.example'") == owner_id(9));
        }
    }
}
