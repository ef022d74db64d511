#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace vetchart::edge {

/// A column value: NULL, integer or text.
using Value = std::variant<std::monostate, std::int64_t, std::string>;

/// What a caller may see: the clinics, the present day of each (for bills past due), and whether deleted rows too.
struct Reach {
    std::vector<std::string> clinic_ids;
    std::string days_json;  ///< Object of clinic id to YYYY-MM-DD.
    bool include_deleted = false;
};

}  // namespace vetchart::edge
