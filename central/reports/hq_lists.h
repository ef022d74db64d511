#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "central/store/pool.h"
#include "sync/base/result.h"

/// What HQ's pages list beside the reports. Each gives the JSON text of its answer. Blocking, thread-safe; read from
/// the primary, since a decision must be seen at once.
namespace vetchart::central {

inline constexpr int kListRowsMax = 500;

/// Counts over all clinics: clinics, nodes, what waits, what is held back.
[[nodiscard]] Result<std::string> hq_overview(Pool& pool);
/// All clinics with their freshness.
[[nodiscard]] Result<std::string> hq_clinics(Pool& pool);
/// All nodes with their clinics.
[[nodiscard]] Result<std::string> hq_nodes(Pool& pool);

/// A page of at most `limit` rows after `cursor`, a former answer's `next`; empty: from the newest row.
struct HqPage {
    int limit = 100;
    std::string cursor;
};

/// Attention items of a kind (conflict, quarantine), newest first: {items, next}. `status` open, resolved or all;
/// `clinic` a code or empty. Errors: invalid_input (slug bad_cursor), not_found (slug clinic_not_found).
[[nodiscard]] Result<std::string> hq_items(Pool& pool, const std::string& kind, const std::string& status,
                                           const std::string& clinic, const HqPage& page);
/// One item of that kind, as the list has it, with `changes` of held work. Errors: not_found (slug item_unknown).
[[nodiscard]] Result<std::string> hq_item(Pool& pool, const std::string& kind, const std::string& id);
/// The audit log, newest first: {items, next}. Errors as hq_items.
[[nodiscard]] Result<std::string> hq_audit(Pool& pool, const HqPage& page);

}  // namespace vetchart::central
