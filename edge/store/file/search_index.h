#pragma once

#include "edge/store/file/database.h"
#include "sync/base/result.h"

/// Keeps the documents of the search (schema/sqlite/tables/0003_search.sql) up with their rows: takes up rows that have
/// none yet, and folds the words of those that triggers marked. Everything goes in bounded steps.
namespace vetchart::edge {

/// Folds at most `rows_max` marked documents, the newest first; returns how many. Costs one look when there is none.
/// Call it in a write transaction; throws SQLite::Exception.
int fold_marked(Connection& connection, int rows_max);

/// Does one step of the whole: takes up rows without a document, then folds marked ones, at most `rows_max` of each.
/// Returns true while there is more to do. Call it in a write transaction; throws SQLite::Exception.
bool step_search(Connection& connection, int rows_max);

/// True while a row may not be found by its words. Only reads; throws SQLite::Exception.
[[nodiscard]] bool is_search_behind(Connection& connection);

/// Begins to fold all words again, beside the old ones, when another version of the library had made them. Call it in
/// a write transaction; throws SQLite::Exception.
void refold_if_outdated(Connection& connection);

/// Call it before a search: it does what is left when that is one step, and returns whether everything can be found
/// now. A database that cannot be written to is no error: the search then finds what it can.
[[nodiscard]] Result<bool> catch_up_with_search(Database& database);

inline constexpr int kFoldInWrite = 2000;  ///< So many of a write's own rows are folded with it; the rest follows.
inline constexpr int kSearchStep = 500;    ///< Rows a step of the background takes: some 20 ms of the write lock.

}  // namespace vetchart::edge
