#include "edge/store/file/derived.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>

#include "edge/store/file/bind.h"
#include "edge/store/file/derived_bases.h"
#include "edge/store/file/derived_search.h"
#include "edge/store/file/rules.h"
#include "edge/store/file/search_index.h"
#include "edge/store/file/search_words.h"
#include "schema/embedded.h"

namespace vetchart::edge {
namespace {

constexpr const char* kTotals = R"(
WITH rows_of (kind, clinic_id, n) AS (
    SELECT 'owner', clinic_id, count(*) FROM owner WHERE deleted_at IS NULL GROUP BY clinic_id
    UNION ALL SELECT 'patient', clinic_id, count(*) FROM patient WHERE deleted_at IS NULL GROUP BY clinic_id
    UNION ALL SELECT 'bill', clinic_id, count(*) FROM bill WHERE deleted_at IS NULL GROUP BY clinic_id)
SELECT count(*) FROM (SELECT kind, clinic_id, sum(n) AS n FROM (
    SELECT kind, clinic_id, n FROM rows_of UNION ALL SELECT kind, clinic_id, -rows_here FROM search_count)
    GROUP BY kind, clinic_id) WHERE n <> 0)";
constexpr const char* kMendTotals = R"(
DELETE FROM search_count;
INSERT INTO search_count (kind, clinic_id, rows_here)
SELECT 'owner', clinic_id, count(*) FILTER (WHERE deleted_at IS NULL) FROM owner GROUP BY clinic_id
UNION ALL SELECT 'patient', clinic_id, count(*) FILTER (WHERE deleted_at IS NULL) FROM patient GROUP BY clinic_id
UNION ALL SELECT 'bill', clinic_id, count(*) FILTER (WHERE deleted_at IS NULL) FROM bill GROUP BY clinic_id)";

// What reads another table goes before it.
constexpr const char* kDropSearch = R"(
DROP TABLE IF EXISTS search_vocabulary; DROP TABLE IF EXISTS search_index; DROP TABLE IF EXISTS search_mark;
DROP TABLE IF EXISTS search_doc; DROP TABLE IF EXISTS search_count; DROP TABLE IF EXISTS search_state)";

// Text between the code's dash and the sign behind it: a stretch of the index.
constexpr const char* kNumbers = R"(
SELECT s.next_provisional,
       (SELECT coalesce(max(CAST(substr(b.provisional_number, length(s.node_code) + 2) AS INTEGER)), 0)
                            FROM bill b WHERE b.provisional_number > s.node_code || '-'
                                          AND b.provisional_number < s.node_code || '.') FROM node_state s)";
constexpr const char* kMendNumbers = "UPDATE node_state SET next_provisional = ?1 WHERE next_provisional < ?1";

constexpr const char* kErasure = R"(
SELECT NOT EXISTS (SELECT 1 FROM erasure_state) OR EXISTS (
    SELECT 1 FROM erasure_state
    WHERE purged_seq > coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change_log'), 0)))";
constexpr const char* kMendErasure =
    "INSERT INTO erasure_state (one) VALUES (1) ON CONFLICT (one) DO UPDATE SET purged_seq = 0";

constexpr const char* kSchema =
    "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'";
constexpr const char* kNoteRebuild =
    "INSERT INTO derived_rebuild (what, times, at) VALUES (?1, 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) "
    "ON CONFLICT (what) DO UPDATE SET times = times + 1, at = excluded.at";

struct SchemaObject {
    std::string type, table, sql;
};
using Schema = std::map<std::string, SchemaObject>;

Schema read_schema(SQLite::Database& database) {
    Schema schema;
    SQLite::Statement query(database, kSchema);
    while (query.executeStep()) {
        schema[query.getColumn(1).getString()] = {query.getColumn(0).getString(), query.getColumn(2).getString(),
                                                  query.getColumn(3).getString()};
    }
    return schema;
}

/// Tables and indexes, as the files of schema/sqlite/tables make them.
const Schema& table_schema() {
    static const Schema schema = [] {
        SQLite::Database memory(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        for (const schema::SqlFile& file : schema::sqlite_tables()) memory.exec(std::string(file.text));
        return read_schema(memory);
    }();
    return schema;
}

/// The tables that can be made anew, and under which name that is told.
const std::map<std::string, std::string> kTables{{"sync_base", "bases"}, {"erasure_state", "erasure"}};

/// The plain indexes of the schema. A unique index is a rule and is not made here.
bool is_plain_index(const SchemaObject& object) {
    return object.type == "index" && object.sql.starts_with("CREATE INDEX");
}

std::int64_t number(Connection& connection, const char* sql, int column = 0) {
    SQLite::Statement& query = connection.statement(sql);
    const ResetGuard guard(query);
    return query.executeStep() ? query.getColumn(column).getInt64() : 0;
}

void find_schema_faults(Connection& connection, std::vector<DerivedFault>& faults) {
    const Schema here = read_schema(connection.raw());
    for (const auto& [name, wanted] : table_schema()) {
        const auto found = here.find(name);
        const std::string how = found == here.end() ? " is missing" : " is not as the program makes it";
        const bool differs = found == here.end() || found->second.sql != wanted.sql;
        if (is_of_search(name) && differs) {
            faults.push_back({"search", wanted.type + " " + name + how});
        } else if (const auto table = kTables.find(name); table != kTables.end() && found == here.end()) {
            faults.push_back({table->second, "table " + name + how});
        } else if (is_plain_index(wanted) && found == here.end() && here.contains(wanted.table)) {
            faults.push_back({"indexes", "index " + name + how});
        }
    }
    for (RuleFault& fault : find_rule_faults(connection)) {
        const char* what = is_of_search(fault.name) ? "search" : "rules";
        faults.push_back({what, std::move(fault.sentence), fault.can_mend});
    }
}

bool names(const std::vector<DerivedFault>& faults, std::string_view what) {
    return std::any_of(faults.begin(), faults.end(), [&](const DerivedFault& fault) { return fault.what == what; });
}

void mend_indexes(Connection& connection) {
    const Schema here = read_schema(connection.raw());
    for (const auto& [name, wanted] : table_schema()) {
        if (is_plain_index(wanted) && !here.contains(name) && here.contains(wanted.table)) {
            connection.exec(wanted.sql.c_str());
        }
    }
}

void make_missing_table(Connection& connection, const std::string& name) {
    if (!read_schema(connection.raw()).contains(name)) connection.exec(table_schema().at(name).sql.c_str());
}

void mend_numbers(Connection& connection) {
    SQLite::Statement& mend = connection.statement(kMendNumbers);
    mend.bind(1, number(connection, kNumbers, 1) + 1);
    mend.exec();
}

void drop_of_search(Connection& connection, const std::string& type) {
    for (const auto& [name, object] : read_schema(connection.raw())) {
        if (object.type != type || !is_of_search(name)) continue;
        connection.exec(("DROP " + type + " \"" + name + "\"").c_str());
    }
}

/// The tables of the search empty, with everything that follows their rows; the rows are taken up again from the first.
void make_search_anew(Connection& connection) {
    clear_way_for_search(connection);
    drop_of_search(connection, "trigger");
    connection.exec(kDropSearch);
    drop_of_search(connection, "view");
    for (const schema::SqlFile& file : schema::sqlite_tables()) {
        if (file.name.find("search") != std::string_view::npos) connection.exec(std::string(file.text).c_str());
    }
    put_rules(connection, SearchRules::put);
    connection.exec(kMendTotals);
}

std::vector<std::string> mend_in_transaction(Connection& connection, const std::vector<DerivedFault>& faults) {
    std::vector<std::string> mended;
    const auto mend = [&](const char* what, const auto& how) {
        if (!names(faults, what)) return;
        how();
        mended.emplace_back(what);
    };
    mend("rules", [&] { put_rules(connection, SearchRules::leave_damaged); });
    mend("search", [&] {
        make_search_anew(connection);
        refold_if_outdated(connection);
        step_search(connection, kFoldInWrite);
    });
    mend("totals", [&] { connection.exec(kMendTotals); });
    for (const auto& [table, what] : kTables) {
        if (names(faults, what)) make_missing_table(connection, table);
    }
    mend("indexes", [&] { mend_indexes(connection); });
    mend("numbers", [&] { mend_numbers(connection); });
    mend("bases", [&] { mend_bases(connection); });
    mend("erasure", [&] { connection.exec(kMendErasure); });
    mend_indexes(connection);  // Those of a table just made.
    for (const std::string& what : mended) note_rebuild(connection, what);
    return mended;
}

/// True when FTS5 cannot even open its table.
bool is_lost_index(std::string_view message) { return message.starts_with("vtable constructor failed: search_"); }

bool may_be_derived(int extended, std::string_view message) {
    if (extended == SQLITE_CORRUPT_VTAB || is_lost_index(message)) return true;
    // A table or an index that is gone is a logic error; so are many things, and then nothing is found to mend.
    if ((extended & 0xff) == SQLITE_ERROR) return true;
    return (extended & 0xff) == SQLITE_CONSTRAINT &&
           (is_nameless_constraint(message) || message.find("provisional_number") != std::string_view::npos);
}

}  // namespace

void note_rebuild(Connection& connection, std::string_view what) {
    make_missing_table(connection, "derived_rebuild");
    SQLite::Statement& note = connection.statement(kNoteRebuild);
    note.bind(1, std::string(what));
    note.exec();
}

bool is_nameless_constraint(std::string_view message) { return message == "constraint failed"; }

bool may_be_derived_fault(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const SQLite::Exception& e) {
        return may_be_derived(extended_code_of(e), e.what());
    } catch (...) {
        return false;
    }
}

bool is_index_fault(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const SQLite::Exception& e) {
        return extended_code_of(e) == SQLITE_CORRUPT_VTAB || is_nameless_constraint(e.what()) ||
               is_lost_index(e.what());
    } catch (...) {
        return false;
    }
}

void mend_bases_before_apply(Connection& connection) {
    if (!lacks_bases(connection)) return;
    spdlog::warn("made anew: bases (found missing or damaged by a pull)");
    mend_bases(connection);
    note_rebuild(connection, "bases");
}

void remake_bases(Connection& connection, const std::string& clinic_id) {
    spdlog::warn("made anew: bases (a table refused what they said)");
    SQLite::Statement drop(connection.raw(), "DELETE FROM sync_base WHERE clinic_id = ?1");
    drop.bind(1, clinic_id);
    drop.exec();
    mend_bases(connection);
    note_rebuild(connection, "bases");
}

std::vector<DerivedFault> find_plain_faults(Connection& connection) {
    std::vector<DerivedFault> faults;
    find_schema_faults(connection, faults);
    if (number(connection, kNumbers) <= number(connection, kNumbers, 1)) {
        faults.push_back({"numbers", "the next provisional number was given out already"});
    }
    if (!names(faults, "erasure") && number(connection, kErasure) != 0)
        faults.push_back({"erasure", "erasure_state is lost or ahead of the log"});
    return faults;
}

std::vector<DerivedFault> find_derived_faults(const std::filesystem::path& file, std::size_t faults_max) {
    Connection connection(file, true);
    connection.exec("BEGIN");
    std::vector<DerivedFault> faults = find_plain_faults(connection);
    if (!names(faults, "search")) {
        if (const auto fault = fault_of_index(connection)) faults.push_back({"search", *fault});
        for (std::string& sentence : faults_of_documents(connection, faults_max)) {
            faults.push_back({"search", std::move(sentence)});
        }
        if (number(connection, kTotals) != 0) faults.push_back({"totals", "search_count is not the number of rows"});
    }
    if (!names(faults, "bases") && !names(faults, "erasure")) {
        for (BaseFault& fault : find_base_faults(connection)) {
            faults.push_back({"bases", std::move(fault.sentence), fault.is_missing});
        }
    }
    if (faults.size() > faults_max) faults.resize(faults_max);
    return faults;
}

std::vector<std::string> mend_derived(Connection& writer, bool index_failed, const std::vector<DerivedFault>& named) {
    writer.reset_statements();
    SQLite::Transaction transaction(writer.raw(), SQLite::TransactionBehavior::IMMEDIATE);
    std::vector<DerivedFault> faults = find_plain_faults(writer);
    for (const DerivedFault& fault : named) {
        if (fault.can_mend) faults.push_back(fault);
    }
    if (index_failed) faults.push_back({"search", "the index answers with damage"});
    if (faults.empty()) return {};
    auto mended = mend_in_transaction(writer, faults);
    writer.reset_statements();
    transaction.commit();
    for (const DerivedFault& fault : faults) {
        if (fault.can_mend) spdlog::warn("made anew: {} ({})", fault.what, fault.sentence);
    }
    return mended;
}

void settle_derived(Connection& writer) noexcept {
    try {
        if (const Status folds = check_folding(); !folds) spdlog::error("{}", folds.error().context);
        mend_derived(writer, false, {});
        SQLite::Transaction transaction(writer.raw(), SQLite::TransactionBehavior::IMMEDIATE);
        refold_if_outdated(writer);
        // A small clinic's search is whole at once: its three kinds, and what is marked.
        for (int i = 0; i < 4 && is_search_behind(writer); ++i) step_search(writer, kFoldInWrite);
        writer.reset_statements();
        transaction.commit();
    } catch (...) {
        writer.reset_statements();
        spdlog::error("{}", error_from_current_exception("what can be made anew stays as it is for now").context);
    }
}

std::vector<Rebuild> read_rebuilds(Connection& connection) {
    std::vector<Rebuild> all;
    if (number(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'derived_rebuild'") == 0) return all;
    SQLite::Statement& query = connection.statement("SELECT what, times, at FROM derived_rebuild ORDER BY what");
    const ResetGuard guard(query);
    while (query.executeStep()) {
        all.push_back({query.getColumn(0).getString(), query.getColumn(1).getInt64(), query.getColumn(2).getString()});
    }
    return all;
}

Result<std::vector<DerivedFault>> audit_derived(Database& database) {
    std::vector<DerivedFault> faults;
    try {
        faults = find_derived_faults(database.file(), 20);
    } catch (...) {
        return error_from_current_exception("look at what can be made anew");
    }
    const bool mendable =
        std::any_of(faults.begin(), faults.end(), [](const DerivedFault& fault) { return fault.can_mend; });
    if (mendable) VC_TRY(database.mend(faults));
    return faults;
}

}  // namespace vetchart::edge
