#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "edge/store/file/database.h"
#include "sync/base/result.h"

/// What the node's file holds that can be made anew from the rest of it (docs/architecture.md, *What can be made
/// anew*). Such data never stops a write, a pull or a search: where it is found damaged it is made anew, once, with a
/// word in the log, in the status and in a metric.
namespace vetchart::edge {

/// What is made anew, by the names that status, metrics and log use.
///   rules    triggers and views: from schema/sqlite and the tables' definitions (rules.h)
///   search   documents, index, marks, vocabulary, their triggers and views: from owner, patient, bill
///   totals   search_count: from the same rows
///   indexes  indexes of the schema that are no rule: from their tables
///   numbers  next_provisional: above every provisional number of this node's code
///   bases    base images that are missing: the row, without its unsettled changes in the log
///   erasure  erasure_state: the log is gone through again
inline constexpr std::array<std::string_view, 7> kDerivedNames = {"rules",   "search", "totals", "indexes",
                                                                  "numbers", "bases",  "erasure"};
struct DerivedFault {
    std::string what;
    std::string sentence;  ///< Names tables and ids, never content.
    bool can_mend = true;
};

/// Everything that differs from its source, at most `faults_max`. Only reads, on a connection of its own (it makes a
/// private copy of the index, so that FTS5 can prove it without holding up a writer); a clinic of 1,000,000 patients
/// takes about a minute. Throws SQLite::Exception.
[[nodiscard]] std::vector<DerivedFault> find_derived_faults(const std::filesystem::path& file, std::size_t faults_max);

/// Finds the faults that cost next to nothing to see: missing parts of the schema, and single rows.
[[nodiscard]] std::vector<DerivedFault> find_plain_faults(Connection& connection);

/// True when the exception may come from damaged derived data.
[[nodiscard]] bool may_be_derived_fault(const std::exception_ptr& exception);

/// True for the message of a constraint that names nothing: it is one of a damaged index's own tables, since every rule
/// of the data names what it is about.
[[nodiscard]] bool is_nameless_constraint(std::string_view message);

/// True when FTS5 itself says that its index is damaged.
[[nodiscard]] bool is_index_fault(const std::exception_ptr& exception);

/// Before an apply puts rows back to their base images: makes those anew that are missing. Inside its transaction;
/// throws SQLite::Exception.
void mend_bases_before_apply(Connection& connection);
/// Makes all base images of the clinic anew from the log, when the tables refused what these say. As above.
void remake_bases(Connection& connection, const std::string& clinic_id);

/// Makes anew what is damaged, inside a write transaction of its own on `writer`; `named` are faults found before.
/// `index_failed`: the index itself answered with damage. Of a large clinic's search only the beginning is made; the
/// rest follows by steps (search_index.h). Returns what was made anew, by name; empty: nothing was wrong. Throws
/// SQLite::Exception.
std::vector<std::string> mend_derived(Connection& writer, bool index_failed, const std::vector<DerivedFault>& named);

/// At the opening of a file for writing: mends what find_plain_faults() names, and goes on with the search; a small
/// clinic's is whole then. Whatever keeps it from that is logged and stops nothing.
void settle_derived(Connection& writer) noexcept;

/// Counts `what` as made anew. Inside a write transaction; throws SQLite::Exception.
void note_rebuild(Connection& connection, std::string_view what);

/// What was made anew since the file was made.
struct Rebuild {
    std::string what;
    std::int64_t times = 0;
    std::string at;
};
/// Throws SQLite::Exception.
[[nodiscard]] std::vector<Rebuild> read_rebuilds(Connection& connection);

/// Looks at everything and mends what is found; for the background. Errors: those of reading and writing.
[[nodiscard]] Result<std::vector<DerivedFault>> audit_derived(Database& database);

}  // namespace vetchart::edge
