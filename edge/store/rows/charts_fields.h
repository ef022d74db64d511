#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "edge/store/file/value.h"

/// What a person may write of each table: column, JSON name and rule. The rules themselves are the schema's; what
/// stands here lets the API say which field is wrong, and all of them at once.
namespace vetchart::edge {

enum class ChartTable { owner, patient, medical_record, appointment, bill, service_item, staff, clinic };

enum class FieldKind {
    name,       ///< Text of 1..size_max code points after trimming.
    text,       ///< Text of at most size_max, may be empty.
    email,      ///< As name; stored trimmed, in ASCII lower case.
    day,        ///< YYYY-MM-DD; the day of an ISO timestamp is taken as it is written.
    instant,    ///< ISO timestamp.
    time,       ///< HH:MM
    choice,     ///< One of `choices`, exactly.
    any_case,   ///< One of `choices` in any ASCII case; stored in lower case.
    integer,    ///< least..most
    milli,      ///< Decimal number, stored times 1000, rounded half up.
    cents,      ///< Decimal number, stored times 100, rounded half up.
    flag,       ///< true or false, stored 1 or 0.
    reference,  ///< Id of a row of `parent` in the same clinic.
    roles,      ///< Array of role names; stored as the canonical JSON array.
};

struct ChartField {
    std::string_view column = {};
    std::string_view json = {};
    std::string_view label = {};  ///< For sentences: "First name".
    FieldKind kind = FieldKind::text;
    bool nullable = false;
    /// What a new row gets when the body leaves the field out: nullptr means that it must be given. Nullable: NULL.
    const char* fallback = nullptr;
    std::int64_t least = 0;
    std::int64_t most = 0;          ///< Length of text, or the largest stored number.
    std::string_view choices = {};  ///< a|b|c
    ChartTable parent = ChartTable::owner;
};

inline constexpr std::int64_t kCentsMax = 1'000'000'000'000;
inline constexpr std::int64_t kMilliMax = 1'000'000'000'000;

[[nodiscard]] std::span<const ChartField> fields_of(ChartTable table);
[[nodiscard]] std::string_view table_name(ChartTable table);
/// For sentences: "owner", "medical record".
[[nodiscard]] std::string_view table_label(ChartTable table);
/// Position in fields_of(table). Precondition: the column is one of them.
[[nodiscard]] std::size_t field_index(ChartTable table, std::string_view column);

/// The field a failed CHECK or UNIQUE names by table and column, or nullptr.
[[nodiscard]] const ChartField* find_field(std::string_view table, std::string_view column);

}  // namespace vetchart::edge
