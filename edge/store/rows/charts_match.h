#pragma once

#include <string>
#include <string_view>

#include "edge/store/rows/charts.h"

/// How words typed by a person find rows in the search index (schema/sqlite/tables/0003_search.sql;
/// edge/store/file/search_words.h).
namespace vetchart::edge {

/// A search is a common one when more documents than these answer it.
inline constexpr int kSearchHitsMax = 2000;

/// The rows whose own words begin with all the words of a search, deleted ones too: ids as JSON arrays.
struct SearchHits {
    /// none: no document; few: the arrays hold all of them; common: too many to name, the arrays are empty.
    enum class Extent { none, few, common };
    Extent extent = Extent::none;
    std::string owners = "[]";
    std::string patients = "[]";
    std::string bills = "[]";
};

/// Asks the index, within the clinics of `reach`. Throws SQLite::Exception.
[[nodiscard]] SearchHits find_hits(Connection& connection, std::string_view text, const Reach& reach);

}  // namespace vetchart::edge
