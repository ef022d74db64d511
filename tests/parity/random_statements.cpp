#include "tests/parity/random_statements.h"

#include <algorithm>
#include <cstdint>
#include <sstream>

#include "tests/parity/random_columns.h"

namespace vetchart::test {
namespace {

std::string uuid(int kind, std::size_t n) {
    std::string tail = std::to_string(n);
    tail.insert(0, 12 - tail.size(), '0');
    return "'00000000-0000-7000-8" + std::to_string(kind) + "00-" + tail + "'";
}

std::string quoted(const std::string& text) {
    std::string literal = "'";
    for (const char c : text) literal += c == '\'' ? std::string("''") : std::string(1, c);
    return literal + "'";
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::istringstream stream(list);
    for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
    return parts;
}

std::string repeated(const std::string& piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += piece;
    return text;
}

constexpr int kLastKind = 10;
constexpr std::size_t kIdsOfATable = 6;

// Every blank of docs/schema.md, and at the end some that are none of them.
const std::vector<std::string> kBlanks = {"\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085",
                                          "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
                                          "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u200b",
                                          "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff"};
const std::vector<std::string> kLetters = {"a",      "Z",      "7",      "'",          "\\",     "%",
                                           "\u00e9", "\u00c9", "\u6f22", "\U0001f415", "\u180e", "\u2060",
                                           "\x01",   "\x1f",   "\x7f",   "\"",         "\u0130"};
const std::vector<std::string> kDays = {"0001-01-01", "9999-12-31", "2024-02-29", "2026-11-22", "1999-01-31"};
const std::vector<std::string> kNoDays = {"2026-02-29", "2026-13-01", "0000-12-31", "10000-01-01",
                                          "x",          "",           "2026-00-10"};
const std::vector<std::string> kInstants = {"2026-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z",
                                            "9999-12-31T23:59:59.999Z", "2024-02-29T12:34:56.789Z"};
const std::vector<std::string> kNoInstants = {"2026-02-30T00:00:00.000Z", "0000-12-31T23:59:59.999Z", "x", "",
                                              "2026-01-01T25:00:00.000Z", "2026-01-01T00:60:00.000Z"};
const std::vector<std::string> kNoTimes = {"24:00",    "9:30", "12:60", "ab:cd",          "12:30 ",
                                           "12:30:00", "",     "-1:00", "\uff11\uff12:00"};
const std::vector<std::string> kRoles = {"[]",
                                         R"(["admin"])",
                                         R"(["staff"])",
                                         R"(["veterinarian"])",
                                         R"(["admin","staff"])",
                                         R"(["admin","veterinarian"])",
                                         R"(["staff","veterinarian"])",
                                         R"(["admin","staff","veterinarian"])"};
const std::vector<std::string> kNoRoles = {
    "", "admin", R"(["staff","admin"])", R"(["admin", "staff"])", R"(["nurse"])", "{}"};

}  // namespace

std::string RandomStatements::reference(int kind) { return uuid(kind, pick(kIdsOfATable) + 1); }

std::string RandomStatements::provisional_number() { return "'ABCDE-" + std::to_string(100000 + ++next_number_) + "'"; }

std::string RandomStatements::text(std::size_t length) {
    if (length > 1000) return repeated(any_of(kLetters), length);
    std::string made;
    for (std::size_t i = 0; i < length; ++i) made += any_of(kLetters);
    return made;
}

std::string RandomStatements::good(const RandomColumn& column) {
    const auto longest = static_cast<std::size_t>(column.low);
    switch (column.kind) {
        case ColumnKind::id: return "";  // insert() and condition() name the ids
        case ColumnKind::clinic: return uuid(1, chance(85) ? 1 : 2);
        case ColumnKind::reference: return reference(static_cast<int>(column.low));
        case ColumnKind::required: {
            const std::string outer = chance(20) ? any_of(kBlanks) + any_of(kBlanks) : "";
            return quoted(outer + text(chance(4) ? longest : pick(12) + 1) + outer);
        }
        case ColumnKind::free: return quoted(chance(10) ? "" : text(chance(4) ? longest : pick(12)));
        case ColumnKind::email:
            return any_of(
                {"'a@x.test'", "'b@x.test'", "'c@x.test'", "'\u00c9@x.test'", "''", quoted(repeated("e", 254))});
        case ColumnKind::staff_email:
            return any_of({"'v@x.test'", "'W@x.test'", "'x@x.test'", quoted(repeated("s", 254))});
        case ColumnKind::day: return quoted(any_of(kDays));
        case ColumnKind::instant: return quoted(any_of(kInstants));
        case ColumnKind::one_of: return quoted(any_of(split(column.values)));
        case ColumnKind::integer:
        case ColumnKind::big:
            return std::to_string(chance(20)   ? column.low
                                  : chance(20) ? column.high
                                               : column.low + static_cast<std::int64_t>(pick(500)));
        case ColumnKind::boolean: return any_of({"TRUE", "FALSE"});
        case ColumnKind::time: return any_of({"'00:00'", "'23:59'", "'09:30'", "'19:05'"});
        case ColumnKind::roles: return quoted(any_of(kRoles));
        case ColumnKind::code: return any_of({"'N1'", "'SOUTH'", "'ABCDEFGHIJKLMNOP'", "'0'||'0'"});
        case ColumnKind::currency: return any_of({"'USD'", "'EUR'", "'CHF'"});
        case ColumnKind::timezone:
            return any_of({"'UTC'", "'Europe/Berlin'", "'America/Argentina/Buenos_Aires'", "'Etc/GMT+5'"});
        case ColumnKind::provisional: return provisional_number();
        case ColumnKind::bill_number: return "NULL";
        case ColumnKind::any_text: return quoted(text(pick(20)));
    }
    return "NULL";
}

std::string RandomStatements::bad(const RandomColumn& column) {
    // Central gives a bill without a provisional number one of its own; on a node that is an error.
    if (!column.nullable && column.kind != ColumnKind::provisional && chance(20)) return "NULL";
    const auto longest = static_cast<std::size_t>(column.low);
    switch (column.kind) {
        case ColumnKind::id: return any_of({"'x'", "''", "NULL", "'00000000-0000-7000-8000-00000000000g'"});
        case ColumnKind::clinic: return any_of({uuid(1, 9), "'x'", uuid(1, 3)});
        case ColumnKind::reference:
            return any_of({uuid(static_cast<int>(column.low), 99), "'x'", uuid(kLastKind - 9, 1)});
        case ColumnKind::required:
            return chance(50) ? quoted(chance(20) ? "" : any_of(kBlanks) + any_of(kBlanks))
                              : quoted(any_of(kBlanks) + text(longest + 1));
        case ColumnKind::free: return quoted(text(longest + 1));
        case ColumnKind::email: return any_of({"'A@x.test'", "'a@X.test'", quoted(repeated("e", 255))});
        case ColumnKind::staff_email: return any_of({"''", "' '", quoted(repeated("s", 255))});
        case ColumnKind::day: return quoted(any_of(kNoDays));
        case ColumnKind::instant: return quoted(any_of(kNoInstants));
        case ColumnKind::one_of:
            return any_of({"''", "'other'", quoted(split(column.values)[0] + " "), "'Male'", "'DRAFT'"});
        case ColumnKind::integer: return std::to_string(chance(50) ? column.low - 1 : column.high + 1);
        case ColumnKind::big:
            return chance(50)                 ? std::to_string(column.low - 1)
                   : column.high == INT64_MAX ? "9223372036854775808"
                                              : std::to_string(column.high + 1);
        case ColumnKind::boolean: return "NULL";  // 2 is no literal of a boolean to PostgreSQL
        case ColumnKind::time: return quoted(any_of(kNoTimes));
        case ColumnKind::roles: return quoted(any_of(kNoRoles));
        case ColumnKind::code: return any_of({"'A'", "'no'", "'ABCDEFGHIJKLMNOPQ'", "'\u00c41'", "''", "'N 1'"});
        case ColumnKind::currency: return any_of({"'usd'", "'EURO'", "'US'", "'\u00c4US'", "''"});
        case ColumnKind::timezone:
            return any_of({"''", "' UTC'", "'utc'", "'EST5EDT'", "'CET'", "'UTC+3'", "'posixrules'", "'Europe'",
                           "'Europe/'", "'Europe//Berlin'", "'/Europe/Berlin'", "'right/Europe/Berlin'",
                           "'europe/berlin'", "'Europe/berlin'", "'Europe/Berlin '", "'Europe/Berl\u00edn'",
                           "'Europe/../Berlin'"});
        case ColumnKind::provisional: return any_of({"''", "' '", quoted(text(101))});
        case ColumnKind::bill_number: return "'X-" + std::to_string(pick(9)) + "'";
        case ColumnKind::any_text: return column.nullable ? good(column) : "NULL";
    }
    return "NULL";
}

std::string RandomStatements::value(const RandomColumn& column, bool valid) {
    if (!valid) return bad(column);
    if (column.nullable && chance(25)) return "NULL";
    return good(column);
}

std::string RandomStatements::insert(const RandomTable& table, bool valid) {
    // At most one bad value, so that each rule is met alone.
    const std::size_t faulty = !valid && chance(60) ? pick(table.columns.size()) : table.columns.size();
    std::string names, values;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const RandomColumn& column = table.columns[i];
        if (column.may_be_absent && i != faulty && chance(15)) continue;
        const bool own_id = column.kind == ColumnKind::id && i != faulty;
        names += (names.empty() ? "" : ", ") + std::string(column.name);
        values += (values.empty() ? "" : ", ") + (own_id ? reference(table.kind) : value(column, i != faulty));
    }
    return "INSERT INTO " + std::string(table.name) + " (" + names + ") VALUES (" + values + ")";
}

std::string RandomStatements::condition(const RandomTable& table) {
    if (chance(4)) return "";
    if (table.kind != 1 && chance(4)) return " WHERE clinic_id = " + uuid(1, 1 + pick(2));
    if (table.kind == 0)
        return " WHERE bill_id = " + reference(6) + (chance(50) ? " AND medical_record_id = " + reference(4) : "");
    return " WHERE id = " + reference(table.kind);
}

std::string RandomStatements::update(const RandomTable& table) {
    std::string sets;
    const std::size_t count = 1 + pick(3);
    const std::size_t faulty = chance(35) ? 0 : count;
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = pick(table.columns.size());
        const RandomColumn& column = table.columns[at];
        const bool rarely = column.kind == ColumnKind::id || column.kind == ColumnKind::clinic ||
                            column.kind == ColumnKind::provisional || column.kind == ColumnKind::bill_number ||
                            column.kind == ColumnKind::any_text;
        if (std::find(used.begin(), used.end(), at) != used.end() || (rarely && !chance(15))) continue;
        // The row keeps its number at central, which a node does not know: only a change is the same in both.
        const bool number = column.kind == ColumnKind::bill_number;
        used.push_back(at);
        const std::string given =
            column.kind == ColumnKind::id ? reference(table.kind) : value(column, i != faulty && !number);
        sets += (sets.empty() ? "" : ", ") + std::string(column.name) + " = " + given;
    }
    if (sets.empty()) sets = "updated_at = " + quoted(any_of(kInstants));
    return "UPDATE " + std::string(table.name) + " SET " + sets + condition(table);
}

std::string RandomStatements::remove(const RandomTable& table) {
    return "DELETE FROM " + std::string(table.name) + condition(table);
}

std::vector<std::string> RandomStatements::first() {
    std::vector<std::string> made = {
        "INSERT INTO clinic (id, code, name) VALUES (" + uuid(1, 1) + ", 'NORTH', 'North')",
        "INSERT INTO clinic (id, code, name) VALUES (" + uuid(1, 2) + ", 'WEST', 'West')"};
    for (int round = 0; round < 4; ++round) {
        for (const RandomTable& table : random_tables()) {
            if (table.kind != 1) made.push_back(insert(table, true));
        }
    }
    return made;
}

std::string RandomStatements::merge() {
    const std::string loser = reference(2), survivor = reference(2);
    queued_ = {"UPDATE bill SET owner_id = " + survivor + " WHERE owner_id = " + loser};
    return "UPDATE owner SET merged_into = " + survivor + " WHERE id = " + loser;
}

std::string RandomStatements::issue() {
    const std::string bill = reference(6), of_bill = " WHERE id = " + bill;
    const std::string reason = any_of({"NULL", "''", quoted(any_of(kBlanks)), "'twice'"});
    queued_ = {"UPDATE bill SET cancel_reason = NULL" + of_bill,
               "UPDATE bill SET status = 'cancelled', cancel_reason = " + reason + of_bill,
               any_of({"UPDATE bill SET total_cents = total_cents - 1" + of_bill,
                       "UPDATE bill SET tax_cents = tax_cents + 1, notes = 'n'" + of_bill,
                       "UPDATE bill SET patient_id = " + reference(3) + of_bill,
                       "UPDATE bill SET owner_id = " + reference(2) + of_bill,
                       "UPDATE bill_item SET position = 1 WHERE bill_id = " + bill,
                       "UPDATE bill_item SET bill_id = " + bill + " WHERE id = " + reference(7),
                       "DELETE FROM bill_item WHERE bill_id = " + bill})};
    return "UPDATE bill SET status = " + any_of({"'sent'", "'paid'", "'draft'"}) + of_bill;
}

std::string RandomStatements::next() {
    if (!queued_.empty()) {
        std::string made = std::move(queued_.back());
        queued_.pop_back();
        return made;
    }
    if (chance(3)) return chance(50) ? merge() : issue();
    const RandomTable& table = random_tables()[pick(random_tables().size())];
    const std::size_t what = pick(100);
    if (what < 45) return insert(table, chance(55));
    // Clinics, and what hangs on them, should not vanish at once.
    return what < 88 ? update(table) : remove(table);
}

}  // namespace vetchart::test
