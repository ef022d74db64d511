#include "tests/parity/random_statements.h"

#include <algorithm>
#include <cstdint>
#include <sstream>

namespace vetchart::test {
namespace {

enum class Kind {
    id, clinic, reference, required, free, email, staff_email, day, instant, one_of, integer, big, boolean, time,
    roles, code, currency, provisional, bill_number, snapshot,
};

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

// Every blank of design.md section 2, and at the end some that are none of them.
const std::vector<std::string> kBlanks = {
    "\t", "\n", "\v", "\f", "\r", " ", "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
    "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f",
    "\u3000", "\ufeff"};
const std::vector<std::string> kLetters = {"a", "Z", "7", "'", "\\", "%", "\u00e9", "\u00c9", "\u6f22", "\U0001f415",
                                           "\u180e", "\u2060", "\x01", "\x1f", "\x7f", "\"", "\u0130"};
const std::vector<std::string> kDays = {"0001-01-01", "9999-12-31", "2024-02-29", "2026-11-22", "1999-01-31"};
const std::vector<std::string> kNoDays = {"2026-02-29", "2026-13-01", "0000-12-31", "10000-01-01", "x", "", "2026-00-10"};
const std::vector<std::string> kInstants = {"2026-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z",
                                            "9999-12-31T23:59:59.999Z", "2024-02-29T12:34:56.789Z"};
const std::vector<std::string> kNoInstants = {"2026-02-30T00:00:00.000Z", "0000-12-31T23:59:59.999Z", "x", "",
                                              "2026-01-01T25:00:00.000Z", "2026-01-01T00:60:00.000Z"};
const std::vector<std::string> kNoTimes = {"24:00", "9:30", "12:60", "ab:cd", "12:30 ", "12:30:00", "", "-1:00",
                                           "\uff11\uff12:00"};
const std::vector<std::string> kRoles = {"[]", R"(["admin"])", R"(["staff"])", R"(["veterinarian"])", R"(["admin","staff"])",
                                         R"(["admin","veterinarian"])", R"(["staff","veterinarian"])",
                                         R"(["admin","staff","veterinarian"])"};
const std::vector<std::string> kNoRoles = {"", "admin", R"(["staff","admin"])", R"(["admin", "staff"])", R"(["nurse"])", "{}"};

}  // namespace

struct RandomStatements::Column {
    const char* name;
    Kind kind;
    std::int64_t low = 0;   ///< Least value; for a text its longest; for a reference the kind of id.
    std::int64_t high = 0;  ///< Greatest value.
    bool nullable = false;
    bool may_be_absent = false;  ///< NULL or a default stands for it.
    const char* values = "";
};

struct RandomStatements::Table {
    const char* name;
    int kind;  ///< Of its ids; 0: the join table.
    std::vector<Column> columns;
};

namespace {
constexpr std::int64_t kCents = 1000000000000;
constexpr std::int64_t kText = 20000;
}  // namespace

const std::vector<RandomStatements::Table>& RandomStatements::tables() {
    const auto stamps = [](std::vector<Column> columns, bool soft) {
        columns.push_back({"created_at", Kind::instant, 0, 0, false, true});
        columns.push_back({"updated_at", Kind::instant, 0, 0, false, true});
        if (soft) columns.push_back({"deleted_at", Kind::instant, 0, 0, true, true});
        return columns;
    };
    const Column id = {"id", Kind::id};
    const Column clinic_id = {"clinic_id", Kind::clinic};
    const Column weight_unit = {"weight_unit", Kind::one_of, 0, 0, true, true, "lbs,kg"};
    static const std::vector<Table> all = {
        {"clinic", 1, stamps({id, {"code", Kind::code}, {"name", Kind::required, 200},
            {"timezone", Kind::required, 100, 0, false, true}, {"currency", Kind::currency, 0, 0, false, true},
            {"address", Kind::free, 500, 0, false, true}, {"phone", Kind::free, 50, 0, false, true}}, false)},
        {"staff", 8, stamps({id, clinic_id, {"email", Kind::staff_email}, {"username", Kind::required, 100},
            {"first_name", Kind::required, 100}, {"last_name", Kind::required, 100}, {"password_hash", Kind::snapshot},
            {"roles", Kind::roles}, {"active", Kind::boolean, 0, 0, false, true}}, false)},
        {"owner", 2, stamps({id, clinic_id, {"first_name", Kind::required, 100}, {"last_name", Kind::required, 100},
            {"email", Kind::email, 0, 0, true, true}, {"phone", Kind::free, 50, 0, true, true},
            {"address", Kind::free, 500, 0, false, true}, {"notes", Kind::free, kText, 0, true, true},
            {"merged_into", Kind::reference, 2, 0, true, true}}, true)},
        {"patient", 3, stamps({id, clinic_id, {"owner_id", Kind::reference, 2, 0, true, true},
            {"name", Kind::required, 100}, {"species", Kind::required, 60}, {"breed", Kind::free, 100, 0, false, true},
            {"birth_date", Kind::day, 0, 0, true, true}, {"age", Kind::integer, 0, 999, true, true},
            {"deceased_on", Kind::day, 0, 0, true, true}, {"gender", Kind::one_of, 0, 0, false, false, "male,female,unknown"},
            {"weight_milli", Kind::big, 1, INT64_MAX, true, true},
            {"weight_unit", Kind::one_of, 0, 0, false, true, "lbs,kg"},
            {"status", Kind::one_of, 0, 0, false, true, "active,inactive"},
            {"assigned_doctor", Kind::free, 100, 0, true, true},
            {"handling_difficulty", Kind::one_of, 0, 0, true, true, "easy,medium,hard"},
            {"microchip", Kind::free, 50, 0, true, true}, {"notes", Kind::free, kText, 0, true, true}}, true)},
        {"medical_record", 4, stamps({id, clinic_id, {"patient_id", Kind::reference, 3}, {"visit_date", Kind::day},
            {"visited_at", Kind::instant, 0, 0, true, true},
            {"record_type", Kind::one_of, 0, 0, false, false, "vaccine,surgery,treatment,dental"},
            {"symptoms", Kind::free, kText, 0, false, true}, {"diagnosis", Kind::free, kText, 0, false, true},
            {"treatment", Kind::free, kText, 0, false, true}, {"notes", Kind::free, kText, 0, true, true},
            {"veterinarian", Kind::required, 100}, {"weight_milli", Kind::big, 1, INT64_MAX, true, true}, weight_unit,
            {"next_due_on", Kind::day, 0, 0, true, true}, {"owner_name_snapshot", Kind::snapshot, 0, 0, true, true},
            {"owner_phone_snapshot", Kind::snapshot, 0, 0, true, true}}, true)},
        {"appointment", 5, stamps({id, clinic_id, {"patient_id", Kind::reference, 3}, {"date", Kind::day},
            {"time", Kind::time, 0, 0, true, true}, {"duration", Kind::integer, 1, 1440, true, true},
            {"reason", Kind::required, 1000},
            {"status", Kind::one_of, 0, 0, false, true, "scheduled,completed,cancelled,no-show"},
            {"notes", Kind::free, kText, 0, true, true}, {"veterinarian", Kind::free, 100, 0, false, true}}, true)},
        {"service_item", 9, stamps({id, clinic_id, {"description", Kind::required, 500},
            {"unit_price_cents", Kind::big, 0, kCents}, {"active", Kind::boolean, 0, 0, false, true}}, false)},
        {"bill", 6, stamps({id, clinic_id, {"owner_id", Kind::reference, 2}, {"patient_id", Kind::reference, 3},
            {"appointment_id", Kind::reference, 5, 0, true, true}, {"bill_number", Kind::bill_number, 0, 0, true, true},
            {"provisional_number", Kind::provisional}, {"subtotal_cents", Kind::big, 0, kCents},
            {"tax_cents", Kind::big, 0, kCents}, {"total_cents", Kind::big, 0, kCents},
            {"status", Kind::one_of, 0, 0, false, true, "draft,sent,paid,overdue,cancelled"}, {"bill_date", Kind::day},
            {"due_date", Kind::day}, {"issued_at", Kind::instant, 0, 0, true, true},
            {"paid_at", Kind::instant, 0, 0, true, true}, {"cancelled_at", Kind::instant, 0, 0, true, true},
            {"cancel_reason", Kind::free, 500, 0, true, true}, {"notes", Kind::free, kText, 0, true, true}}, true)},
        {"bill_item", 7, stamps({id, clinic_id, {"bill_id", Kind::reference, 6}, {"position", Kind::integer, 0, 9999},
            {"description", Kind::required, 500}, {"quantity_milli", Kind::big, 1, INT64_MAX},
            {"unit_price_cents", Kind::big, 0, kCents}, {"total_price_cents", Kind::big, 0, kCents}}, false)},
        {"bill_medical_record", 0, stamps({clinic_id, {"bill_id", Kind::reference, 6},
            {"medical_record_id", Kind::reference, 4}}, false)},
    };
    return all;
}

std::string RandomStatements::reference(int kind) { return uuid(kind, pick(kIdsOfATable) + 1); }

std::string RandomStatements::provisional_number() { return "'ABCDE-" + std::to_string(100000 + ++next_number_) + "'"; }

std::string RandomStatements::text(std::size_t length) {
    if (length > 1000) return repeated(any_of(kLetters), length);
    std::string made;
    for (std::size_t i = 0; i < length; ++i) made += any_of(kLetters);
    return made;
}

std::string RandomStatements::good(const Column& column) {
    const auto longest = static_cast<std::size_t>(column.low);
    switch (column.kind) {
        case Kind::id: return "";  // insert() and condition() name the ids
        case Kind::clinic: return uuid(1, chance(85) ? 1 : 2);
        case Kind::reference: return reference(static_cast<int>(column.low));
        case Kind::required: {
            const std::string outer = chance(20) ? any_of(kBlanks) + any_of(kBlanks) : "";
            return quoted(outer + text(chance(4) ? longest : pick(12) + 1) + outer);
        }
        case Kind::free: return quoted(chance(10) ? "" : text(chance(4) ? longest : pick(12)));
        case Kind::email: return any_of({"'a@x.test'", "'b@x.test'", "'c@x.test'", "'\u00c9@x.test'", "''",
                                         quoted(repeated("e", 254))});
        case Kind::staff_email: return any_of({"'v@x.test'", "'W@x.test'", "'x@x.test'", quoted(repeated("s", 254))});
        case Kind::day: return quoted(any_of(kDays));
        case Kind::instant: return quoted(any_of(kInstants));
        case Kind::one_of: return quoted(any_of(split(column.values)));
        case Kind::integer:
        case Kind::big: return std::to_string(chance(20) ? column.low : chance(20) ? column.high
                                              : column.low + static_cast<std::int64_t>(pick(500)));
        case Kind::boolean: return any_of({"TRUE", "FALSE"});
        case Kind::time: return any_of({"'00:00'", "'23:59'", "'09:30'", "'19:05'"});
        case Kind::roles: return quoted(any_of(kRoles));
        case Kind::code: return any_of({"'N1'", "'SOUTH'", "'ABCDEFGHIJKLMNOP'", "'0'||'0'"});
        case Kind::currency: return any_of({"'USD'", "'EUR'", "'CHF'"});
        case Kind::provisional: return provisional_number();
        case Kind::bill_number: return "NULL";
        case Kind::snapshot: return quoted(text(pick(20)));
    }
    return "NULL";
}

std::string RandomStatements::bad(const Column& column) {
    if (!column.nullable && chance(20)) return "NULL";
    const auto longest = static_cast<std::size_t>(column.low);
    switch (column.kind) {
        case Kind::id: return any_of({"'x'", "''", "NULL", "'00000000-0000-7000-8000-00000000000g'"});
        case Kind::clinic: return any_of({uuid(1, 9), "'x'", uuid(1, 3)});
        case Kind::reference: return any_of({uuid(static_cast<int>(column.low), 99), "'x'", uuid(kLastKind - 9, 1)});
        case Kind::required: return chance(50) ? quoted(chance(20) ? "" : any_of(kBlanks) + any_of(kBlanks))
                                               : quoted(any_of(kBlanks) + text(longest + 1));
        case Kind::free: return quoted(text(longest + 1));
        case Kind::email: return any_of({"'A@x.test'", "'a@X.test'", quoted(repeated("e", 255))});
        case Kind::staff_email: return any_of({"''", "' '", quoted(repeated("s", 255))});
        case Kind::day: return quoted(any_of(kNoDays));
        case Kind::instant: return quoted(any_of(kNoInstants));
        case Kind::one_of: return any_of({"''", "'other'", quoted(split(column.values)[0] + " "), "'Male'", "'DRAFT'"});
        case Kind::integer: return std::to_string(chance(50) ? column.low - 1 : column.high + 1);
        case Kind::big: return chance(50) ? std::to_string(column.low - 1)
                               : column.high == INT64_MAX ? "9223372036854775808" : std::to_string(column.high + 1);
        case Kind::boolean: return "NULL";  // 2 is no literal of a boolean to PostgreSQL
        case Kind::time: return quoted(any_of(kNoTimes));
        case Kind::roles: return quoted(any_of(kNoRoles));
        case Kind::code: return any_of({"'A'", "'no'", "'ABCDEFGHIJKLMNOPQ'", "'\u00c41'", "''", "'N 1'"});
        case Kind::currency: return any_of({"'usd'", "'EURO'", "'US'", "'\u00c4US'", "''"});
        case Kind::provisional: return any_of({"''", "' '", quoted(text(101))});
        case Kind::bill_number: return "'X-" + std::to_string(pick(9)) + "'";
        case Kind::snapshot: return column.nullable ? good(column) : "NULL";
    }
    return "NULL";
}

std::string RandomStatements::value(const Column& column, bool valid) {
    if (!valid) return bad(column);
    if (column.nullable && chance(25)) return "NULL";
    return good(column);
}

std::string RandomStatements::insert(const Table& table, bool valid) {
    // At most one bad value, so that each rule is met alone.
    const std::size_t faulty = !valid && chance(60) ? pick(table.columns.size()) : table.columns.size();
    std::string names, values;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        if (column.may_be_absent && i != faulty && chance(15)) continue;
        const bool own_id = column.kind == Kind::id && i != faulty;
        names += (names.empty() ? "" : ", ") + std::string(column.name);
        values += (values.empty() ? "" : ", ") + (own_id ? reference(table.kind) : value(column, i != faulty));
    }
    return "INSERT INTO " + std::string(table.name) + " (" + names + ") VALUES (" + values + ")";
}

std::string RandomStatements::condition(const Table& table) {
    if (chance(4)) return "";
    if (table.kind != 1 && chance(4)) return " WHERE clinic_id = " + uuid(1, 1 + pick(2));
    if (table.kind == 0) return " WHERE bill_id = " + reference(6) + (chance(50) ? " AND medical_record_id = " + reference(4) : "");
    return " WHERE id = " + reference(table.kind);
}

std::string RandomStatements::update(const Table& table) {
    std::string sets;
    const std::size_t count = 1 + pick(3);
    const std::size_t faulty = chance(35) ? 0 : count;
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = pick(table.columns.size());
        const Column& column = table.columns[at];
        const bool rarely = column.kind == Kind::id || column.kind == Kind::clinic || column.kind == Kind::provisional ||
                            column.kind == Kind::bill_number || column.kind == Kind::snapshot;
        if (std::find(used.begin(), used.end(), at) != used.end() || (rarely && !chance(15))) continue;
        // The row keeps its number at central, which a node does not know: only a change is the same in both.
        const bool number = column.kind == Kind::bill_number;
        used.push_back(at);
        const std::string given = column.kind == Kind::id ? reference(table.kind) : value(column, i != faulty && !number);
        sets += (sets.empty() ? "" : ", ") + std::string(column.name) + " = " + given;
    }
    if (sets.empty()) sets = "updated_at = " + quoted(any_of(kInstants));
    return "UPDATE " + std::string(table.name) + " SET " + sets + condition(table);
}

std::string RandomStatements::remove(const Table& table) { return "DELETE FROM " + std::string(table.name) + condition(table); }

std::vector<std::string> RandomStatements::first() {
    std::vector<std::string> made = {
        "INSERT INTO clinic (id, code, name) VALUES (" + uuid(1, 1) + ", 'NORTH', 'North')",
        "INSERT INTO clinic (id, code, name) VALUES (" + uuid(1, 2) + ", 'WEST', 'West')"};
    for (int round = 0; round < 4; ++round) {
        for (const Table& table : tables()) {
            if (table.kind != 1) made.push_back(insert(table, true));
        }
    }
    return made;
}

std::string RandomStatements::next() {
    const Table& table = tables()[pick(tables().size())];
    const std::size_t what = pick(100);
    if (what < 45) return insert(table, chance(55));
    // Clinics, and what hangs on them, should not vanish at once.
    return what < 88 ? update(table) : remove(table);
}

}  // namespace vetchart::test
