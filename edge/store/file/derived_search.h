#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "edge/store/file/database.h"

/// The search's part of edge/store/file/derived.h. All throw SQLite::Exception.
namespace vetchart::edge {

/// What FTS5 says of its index, proved against the documents in a private copy of it (in a temporary file), so that
/// nobody waits: its own proof would hold the write lock. nullopt: it is as it must be.
[[nodiscard]] std::optional<std::string> fault_of_index(Connection& connection);

/// Documents that are not what their rows make, or are missing, or have none. What is marked or not taken up yet is
/// none of them. One sentence each, at most `faults_max`.
[[nodiscard]] std::vector<std::string> faults_of_documents(Connection& connection, std::size_t faults_max);

/// Makes it possible to drop the index: one that lost a table of its own cannot even be opened for that.
void clear_way_for_search(Connection& connection);

}  // namespace vetchart::edge
