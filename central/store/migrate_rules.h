#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "central/store/pool.h"

namespace vetchart::central {

/// A file of schema/postgres/rules, views or reports: functions, triggers and views, replaced whole where they differ.
struct RuleFile {
    std::string folder, name;  ///< "rules", "rules/bill.sql".
    std::string_view text;
    std::string checksum;
};

/// In the order in which they run.
[[nodiscard]] const std::vector<RuleFile>& rule_files();

/// Names of the files in which this program and the database differ, those that only one of them has too. Empty: the
/// rules of this program hold. Needs a database with books. Throws what libpqxx throws, as replace_rules().
[[nodiscard]] std::vector<std::string> differing_rules(pqxx::dbtransaction& db);

/// Makes the rules of this program hold: runs each folder that differs whole (all of them when `everything`), then
/// drops what the folder made before and makes no more (schema_object has it). The files replace in place, so that
/// whoever reads or writes beside it waits for this transaction's end at most, and rights given on a view stay; what
/// cannot be replaced in place (a view that loses a column, a function with another result) is dropped, with all that
/// the folders made, and made anew, with the rights and owners it had. Nothing that these files did not make is
/// touched. `at` names the file at work. Returns how many files ran.
///
/// Errors, thrown: VC014 with a sentence of names: `schema_depended_on` when something of somebody else's hangs on what
/// has to go, `schema_name_taken` when somebody gave a thing of his own a name that a file needs; 55P03 when somebody
/// holds a lock on it as long as lock_timeout says.
[[nodiscard]] int replace_rules(pqxx::work& db, bool everything, std::string& at);

}  // namespace vetchart::central
