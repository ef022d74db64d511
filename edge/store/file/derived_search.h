#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "edge/store/file/database.h"

/// The search's part of edge/store/file/derived.h. All throw SQLite::Exception.
namespace vetchart::edge {

/// Lets FTS5 prove its index against the documents, in a private copy (a temporary file) so that nobody waits: in place
/// the proof would hold the write lock. nullopt: the index is as it must be.
[[nodiscard]] std::optional<std::string> fault_of_index(Connection& connection);

/// Finds documents that are not what their rows make, that are missing, or that have no row, one sentence each, at most
/// `faults_max`. A document that is marked or not taken up yet is no fault.
[[nodiscard]] std::vector<std::string> faults_of_documents(Connection& connection, std::size_t faults_max);

/// Makes it possible to drop the index: one that lost a table of its own cannot even be opened for that.
void clear_way_for_search(Connection& connection);

}  // namespace vetchart::edge
