#pragma once

#include "edge/store/file/database.h"
#include "sync/base/result.h"

/// Keeps the documents of the search (schema/sqlite/0013_find.sql) up with their rows: takes up rows that have none
/// yet, and folds the words of those that triggers marked. Everything goes in bounded steps.
namespace vetchart::edge {

/// Folds at most `rows_max` marked documents, the newest first. Inside a write transaction; throws SQLite::Exception.
/// One look when there is none. Returns how many were folded.
int fold_marked(Connection& connection, int rows_max);

/// One step of the whole: takes up rows without a document, then folds what is marked, at most `rows_max` of each.
/// Returns true while there is more to do. Inside a write transaction; throws SQLite::Exception.
bool step_search(Connection& connection, int rows_max);

/// True while a row may not be found by its words. Only reads; throws SQLite::Exception.
[[nodiscard]] bool is_search_behind(Connection& connection);

/// When another folding made the words (another version of the library), all are taken up again, beside the old ones.
/// Inside a write transaction; throws SQLite::Exception.
void refold_if_outdated(Connection& connection);

/// Before a search: does what is left when that is one step, and returns whether everything can be found now. A
/// database that cannot be written to is no error: then what can be found is found.
[[nodiscard]] Result<bool> catch_up_with_search(Database& database);

inline constexpr int kFoldInWrite = 2000;  ///< Of a write's own rows so many are folded with it; the rest follows.
inline constexpr int kSearchStep = 500;    ///< Rows a step of the background takes: some 20 ms of the write lock.

}  // namespace vetchart::edge
