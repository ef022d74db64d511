#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "sync/base/result.h"

namespace vetchart::sync {

/// What a push costs and whom it concerns, before it is built in memory.
struct PushScan {
    std::set<std::string> clinics;  ///< Every id that could be a change's clinic.
    std::size_t value_count = 0;    ///< How many JSON values the whole body has, at any depth.
    bool is_last_part = false;      ///< It completes a transaction whose other parts lie at central.
};

/// Reads a push's JSON once, building nothing. It says nothing about whether parse_push_request takes it. Errors:
/// invalid_input with the slugs of parse_json. Pure, thread-safe.
[[nodiscard]] Result<PushScan> scan_push(std::string_view text);

}  // namespace vetchart::sync
