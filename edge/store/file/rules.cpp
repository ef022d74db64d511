#include "edge/store/file/rules.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <map>
#include <optional>

#include "edge/store/file/capture.h"
#include "schema/embedded.h"
#include "sync/base/digest.h"
#include "sync/catalogue/catalogue.h"

namespace vetchart::edge {
namespace {

constexpr const char* kRules =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY type DESC, rowid";
constexpr const char* kChecksums = "SELECT name, checksum FROM schema_rule";
constexpr const char* kKeepChecksum =
    "INSERT INTO schema_rule (name, checksum) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET checksum = "
    "excluded.checksum WHERE checksum <> excluded.checksum";
constexpr const char* kSetClock = "SELECT clock_set_to FROM sync_control WHERE clock_set_to IS NOT NULL";
constexpr const char* kForget = "DELETE FROM schema_rule WHERE name = ?1";

using RuleMap = std::map<std::string, Rule>;
using Checksums = std::map<std::string, std::string>;

std::vector<Rule> read_rules(SQLite::Database& database) {
    SQLite::Statement query(database, kRules);
    std::vector<Rule> rules;
    while (query.executeStep()) {
        rules.push_back({query.getColumn(0).getString(), query.getColumn(1).getString(), query.getColumn(2).getString(),
                         query.getColumn(3).getString()});
    }
    return rules;
}

RuleMap by_name(std::vector<Rule> rules) {
    RuleMap map;
    for (Rule& rule : rules) map[rule.name] = std::move(rule);
    return map;
}

/// The files of schema/sqlite/views and rules, each object by itself, the marks not filled yet.
const std::vector<Rule>& written_rules() {
    static const std::vector<Rule> rules = [] {
        SQLite::Database memory(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        for (const auto& folder : {schema::sqlite_tables(), schema::sqlite_views(), schema::sqlite_rules()}) {
            for (const schema::SqlFile& file : folder) memory.exec(std::string(file.text));
        }
        return read_rules(memory);
    }();
    return rules;
}

std::string checksum_of(const std::string& sql) { return to_hex(sha256(sql)); }

/// `text` in place of the mark; an empty one takes the mark's line with it.
void fill(std::string& sql, const std::string& name, std::string_view mark, const std::string& text) {
    const auto at = sql.find(mark);
    if (at == std::string::npos) {
        if (text.empty()) return;
        throw SQLite::Exception("trigger " + name + " has no place for " + std::string(mark), SQLITE_CORRUPT);
    }
    if (!text.empty()) {
        sql.replace(at, mark.size(), text);
        return;
    }
    const auto line = sql.rfind('\n', at);
    sql.erase(line, sql.find('\n', at) - line);
}

class Triggers {
public:
    Triggers(Connection& connection, RuleMap written) : written_(std::move(written)) {
        for (const sync::Table& table : sync::tables()) tables_.push_back(read_shape(connection, table.name));
    }

    std::vector<Rule> of_tables() {
        for (const TableShape& table : tables_) {
            for (const RowEvent event : kRowEvents) {
                before(table, event);
                after(table, event);
            }
        }
        for (auto& [name, rule] : written_) rules_.push_back(std::move(rule));
        return std::move(rules_);
    }

private:
    /// As the files have it, or the form of those that say nothing of their own.
    Rule start(const TableShape& table, RowEvent event, const std::string& time, const std::string& body) {
        const std::string word(name_of(event));
        const std::string name = table.name + "_" + time + "_" + word;
        if (auto found = written_.extract(name)) return std::move(found.mapped());
        std::string upper = time + " " + word;
        for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        return {"trigger", name, table.name,
                "CREATE TRIGGER " + name + " " + upper + " ON " + table.name +
                    "\nWHEN (SELECT applying FROM sync_control) = 0" + body + "\nEND"};
    }

    void before(const TableShape& table, RowEvent event) {
        const std::string keys = key_guards(table, event);
        const std::string references = reference_guards(table, event, tables_);
        const bool is_written = written_.contains(table.name + "_before_" + std::string(name_of(event)));
        if (keys.empty() && references.empty() && !is_written) return;
        Rule rule = start(table, event, "before", "\nBEGIN\n    /*keys*/\n    /*references*/");
        fill(rule.sql, rule.name, "/*keys*/", keys);
        fill(rule.sql, rule.name, "/*references*/", references);
        rules_.push_back(std::move(rule));
    }

    void after(const TableShape& table, RowEvent event) {
        const bool is_update = event == RowEvent::update;
        Rule rule =
            start(table, event, "after",
                  std::string(is_update ? " AND /*changed*/ 1" : "") + "\nBEGIN\n    /*stamps*/\n    /*capture*/");
        if (is_update) fill(rule.sql, rule.name, "/*changed*/ 1", changed_condition(table));
        // A trigger that stamps in its own way has no mark.
        const bool stamps_itself = rule.sql.find("/*stamps*/") == std::string::npos;
        fill(rule.sql, rule.name, "/*stamps*/", stamps_itself ? std::string() : stamps(table, event));
        fill(rule.sql, rule.name, "/*capture*/", capture_statements(table, event));
        rules_.push_back(std::move(rule));
    }

    RuleMap written_;
    std::vector<TableShape> tables_;
    std::vector<Rule> rules_;
};

Checksums read_checksums(Connection& connection) {
    Checksums checksums;
    if (!connection.raw().tableExists("schema_rule")) return checksums;
    SQLite::Statement query(connection.raw(), kChecksums);
    while (query.executeStep()) checksums[query.getColumn(0).getString()] = query.getColumn(1).getString();
    return checksums;
}

/// Why `wanted` does not stand in the file.
enum class Differs { no, made_by_another_program, damaged };

class Comparison {
public:
    explicit Comparison(Connection& connection)
        : here_(by_name(read_rules(connection.raw()))), kept_(read_checksums(connection)) {}

    [[nodiscard]] Differs of(const Rule& wanted) const {
        const auto found = here_.find(wanted.name);
        if (found != here_.end() && found->second.sql == wanted.sql) return Differs::no;
        const auto kept = kept_.find(wanted.name);
        // A rule that no program has put here yet is new; what stands as it was put is of an earlier program.
        if (kept == kept_.end()) return Differs::made_by_another_program;
        const bool as_it_was_put = found != here_.end() && checksum_of(found->second.sql) == kept->second;
        return as_it_was_put ? Differs::made_by_another_program : Differs::damaged;
    }

    [[nodiscard]] std::string sentence(const Rule& wanted, Differs how) const {
        std::string text = wanted.type + " " + wanted.name;
        if (!here_.contains(wanted.name)) return text + " is missing";
        return text + (how == Differs::damaged ? " is not as the program makes it" : " is of another program");
    }

    [[nodiscard]] const RuleMap& here() const { return here_; }
    [[nodiscard]] const Checksums& kept() const { return kept_; }

private:
    RuleMap here_;
    Checksums kept_;
};

void drop(Connection& connection, const Rule& rule) {
    connection.exec(("DROP " + rule.type + " \"" + rule.name + "\"").c_str());
}

void forget(Connection& connection, const std::string& name) {
    SQLite::Statement& statement = connection.statement(kForget);
    statement.bind(1, name);
    statement.exec();
}

/// The statement that makes schema_rule, as its file has it.
std::string table_of_checksums() {
    constexpr std::string_view kBegin = "CREATE TABLE schema_rule";
    for (const schema::SqlFile& file : schema::sqlite_tables()) {
        const auto at = file.text.find(kBegin);
        if (at != std::string_view::npos) return std::string(file.text.substr(at, file.text.find(';', at) - at));
    }
    throw SQLite::Exception("no file makes schema_rule", SQLITE_CORRUPT);
}

void keep_checksum(Connection& connection, const Rule& wanted) {
    SQLite::Statement& keep = connection.statement(kKeepChecksum);
    keep.bind(1, wanted.name);
    keep.bind(2, checksum_of(wanted.sql));
    keep.exec();
}

void put(Connection& connection, const Rule& wanted, const RuleMap& here) {
    if (const auto found = here.find(wanted.name); found != here.end()) drop(connection, found->second);
    connection.exec(wanted.sql.c_str());
    keep_checksum(connection, wanted);
}

/// A sentence where a row stops the clock: only a simulator's does, and a node whose clock stands still lies.
std::optional<std::string> stopped_clock(Connection& connection) {
    SQLite::Statement query(connection.raw(), kSetClock);
    if (!query.executeStep()) return std::nullopt;
    return "sync_control.clock_set_to stops the clock at " + query.getColumn(0).getString();
}

/// What earlier programs put here and this one does not know.
void drop_outlived(Connection& connection, const RuleMap& wanted, const Comparison& comparison) {
    for (const auto& [name, checksum] : comparison.kept()) {
        if (wanted.contains(name)) continue;
        if (const auto found = comparison.here().find(name); found != comparison.here().end()) {
            drop(connection, found->second);
        }
        forget(connection, name);
    }
}

}  // namespace

std::vector<Rule> wanted_rules(Connection& connection) {
    RuleMap of_tables;
    std::vector<Rule> wanted;
    for (const Rule& rule : written_rules()) {
        const bool has_marks = rule.type == "trigger" && sync::table_index(rule.table) && !is_of_search(rule.name);
        if (has_marks)
            of_tables[rule.name] = rule;
        else
            wanted.push_back(rule);
    }
    for (Rule& rule : Triggers(connection, std::move(of_tables)).of_tables()) wanted.push_back(std::move(rule));
    return wanted;
}

bool is_of_search(std::string_view name) {
    return name.starts_with("search_") || name.find("_search_") != std::string_view::npos;
}

std::vector<RuleFault> find_rule_faults(Connection& connection) {
    const Comparison comparison(connection);
    const std::vector<Rule> wanted = wanted_rules(connection);
    std::vector<RuleFault> faults;
    for (const Rule& rule : wanted) {
        const Differs how = comparison.of(rule);
        if (how != Differs::no) faults.push_back({rule.name, comparison.sentence(rule, how), true});
    }
    if (!connection.raw().tableExists("schema_rule")) faults.push_back({"schema_rule", "table schema_rule is missing"});
    if (const auto sentence = stopped_clock(connection)) faults.push_back({"clock", *sentence});
    const RuleMap known = by_name(wanted);
    for (const auto& [name, rule] : comparison.here()) {
        if (rule.type != "trigger" || known.contains(name) || comparison.kept().contains(name)) continue;
        faults.push_back({name, "trigger " + name + " on " + rule.table + " is not VetChart's", false});
    }
    return faults;
}

std::vector<std::string> put_rules(Connection& connection, SearchRules search) {
    std::vector<std::string> damaged;
    if (!connection.raw().tableExists("schema_rule")) {
        damaged.emplace_back("table schema_rule is missing");
        connection.exec(table_of_checksums().c_str());
    }
    if (const auto sentence = stopped_clock(connection)) {
        damaged.push_back(*sentence);
        connection.exec("UPDATE sync_control SET clock_set_to = NULL");
    }
    const Comparison comparison(connection);
    const std::vector<Rule> wanted = wanted_rules(connection);
    for (const Rule& rule : wanted) {
        const Differs how = comparison.of(rule);
        if (how == Differs::no) {
            if (!comparison.kept().contains(rule.name)) keep_checksum(connection, rule);
            continue;
        }
        const bool is_damaged = how == Differs::damaged;
        if (is_damaged && search == SearchRules::leave_damaged && is_of_search(rule.name)) continue;
        if (is_damaged) damaged.push_back(comparison.sentence(rule, how));
        put(connection, rule, comparison.here());
    }
    drop_outlived(connection, by_name(wanted), comparison);
    return damaged;
}

void drop_rules(Connection& connection) {
    const Comparison comparison(connection);
    for (const auto& [name, rule] : comparison.here()) {
        const auto kept = comparison.kept().find(name);
        if (kept == comparison.kept().end()) continue;
        drop(connection, rule);
        // Of what was damaged the checksum stays, and tells so when the rules are put back.
        if (checksum_of(rule.sql) != kept->second) continue;
        forget(connection, name);
    }
}

}  // namespace vetchart::edge
