#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/database.h"

/// The triggers and views of the node's file: those of schema/sqlite/rules and views, completed and joined by what is
/// generated from the tables' own definitions (guards.h, capture.h). Nobody migrates them: they are compared at every
/// open and replaced where they differ, so the file's rules are always those of the program that writes it.
namespace vetchart::edge {

struct Rule {
    std::string type;  ///< trigger or view
    std::string name;
    std::string table;  ///< The one a trigger is on; a view's own name.
    std::string sql;    ///< As sqlite_schema keeps it.
};

/// What should stand in the file, views first. Only reads. Throws SQLite::Exception.
/// Precondition: the tables are of edge_schema_version().
[[nodiscard]] std::vector<Rule> wanted_rules(Connection& connection);

struct RuleFault {
    std::string name;
    std::string sentence;  ///< "trigger owner_before_insert is missing"
    bool can_mend = true;  ///< False: it is not ours to remove.
};

/// What of it is missing or changed, triggers of somebody else's, and a clock that a row stops. Only reads. Throws
/// SQLite::Exception.
[[nodiscard]] std::vector<RuleFault> find_rule_faults(Connection& connection);

/// True for what belongs to the search: it can be made anew with it, and only with it (derived.h).
[[nodiscard]] bool is_of_search(std::string_view name);

enum class SearchRules { leave_damaged, put };

/// Puts every rule in its place, removes those of an earlier program, keeps the checksums in schema_rule (made anew
/// when it is missing), and lets a stopped clock go. Damage to the search's own is left for whoever makes the search
/// anew, unless told otherwise: a trigger that was missing for a while has missed writes. Returns the sentences of what
/// somebody had dropped or changed (what an earlier program left is no damage). Throws SQLite::Exception. Precondition:
/// inside a write transaction.
std::vector<std::string> put_rules(Connection& connection, SearchRules search);

/// Before tables are changed: removes every rule, since ALTER TABLE reads them all. As above.
void drop_rules(Connection& connection);

}  // namespace vetchart::edge
