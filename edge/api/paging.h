#pragma once

#include <optional>
#include <string>

#include "edge/api/http.h"
#include "edge/store/rows/charts.h"

namespace vetchart::edge {

inline constexpr int kLimitMax = 500;
inline constexpr int kLimitDefault = 100;  ///< With a cursor and no limit.

/// `limit` and `cursor` of a list. Without both the whole list is meant.
struct Paging {
    std::optional<int> limit;
    std::optional<ListKey> after;
};

/// Reads them into `paging`; refuses with 400 `bad_limit` or `bad_cursor`.
[[nodiscard]] std::optional<Response> read_paging(const Request& request, Paging& paging);

/// The Link header to the page behind `next`, with the other parameters of the request.
[[nodiscard]] std::string next_link(const Request& request, int limit, const ListKey& next);

}  // namespace vetchart::edge
