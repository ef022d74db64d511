#include "sync/engine/column_value.h"

#include <algorithm>

#include "sync/base/email.h"
#include "sync/base/text.h"
#include "sync/base/time.h"
#include "sync/base/uuid.h"

namespace vetchart::sync {
namespace {

using Fault = std::optional<std::string>;

std::string sentence(const Column& column, const std::string& rest) { return spoken_name(column) + rest; }

Fault length_fault(const Column& column, std::string_view text, std::size_t least) {
    const std::size_t size = code_point_count(text);
    if (size >= least && size <= static_cast<std::size_t>(column.most)) return std::nullopt;
    return sentence(column, " must have " + (least > 0 ? std::to_string(least) + " to " : std::string("at most ")) +
                                std::to_string(column.most) + " characters.");
}

Fault choice_fault(const Column& column, const std::string& text) {
    const auto choices = choices_of(column);
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return std::nullopt;
    std::string list;
    for (const std::string_view choice : choices) list.append(list.empty() ? " " : ", ").append(choice);
    return sentence(column, " must be one of" + list + ".");
}

Fault instant_fault(const Column& column, Json& value, const std::string& text) {
    const auto at = parse_utc(text);
    if (!at) return sentence(column, " must be a point in time, as 2026-11-22T08:30:00.000Z.");
    value = format_utc(*at);
    return std::nullopt;
}

/// Roles are stored as the text of a sorted list; a list is taken too.
Fault roles_fault(const Column& column, Json& value) {
    const Json list = value.is_string() ? Json::parse(value.get<std::string>(), nullptr, false) : value;
    if (!list.is_array() || list.empty()) return sentence(column, " must be a list of roles.");
    std::vector<std::string> roles;
    for (const Json& role : list) {
        if (!role.is_string()) return sentence(column, " must be a list of roles.");
        if (auto fault = choice_fault(column, role.get<std::string>())) return fault;
        roles.push_back(role.get<std::string>());
    }
    std::sort(roles.begin(), roles.end());
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
    value = Json(roles).dump();
    return std::nullopt;
}

Fault number_fault(const Column& column, Json& value) {
    if (column.kind == ColumnKind::flag && value.is_boolean()) value = value.get<bool>() ? 1 : 0;
    const bool fits = value.is_number_integer() &&
                      !(value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) &&
                      value.get<std::int64_t>() >= column.least && value.get<std::int64_t>() <= column.most;
    if (fits) return std::nullopt;
    return sentence(column, " must be a whole number from " + std::to_string(column.least) + " to " +
                                std::to_string(column.most) + ".");
}

Fault text_fault(const Column& column, Json& value) {
    if (!value.is_string()) return sentence(column, " must be text.");
    const std::string text = value.get<std::string>();
    if (!is_clean_utf8(text)) return sentence(column, " must be text without control characters.");
    switch (column.kind) {
        case ColumnKind::name: return length_fault(column, trim_blanks(text), 1);
        case ColumnKind::text: return length_fault(column, text, 0);
        case ColumnKind::email: value = normal_email(text); return length_fault(column, normal_email(text), 1);
        case ColumnKind::any_case: value = ascii_lower(text); return choice_fault(column, ascii_lower(text));
        case ColumnKind::choice: return choice_fault(column, text);
        case ColumnKind::instant: return instant_fault(column, value, text);
        case ColumnKind::day:
            if (is_day(text)) return std::nullopt;
            return sentence(column, " must be a day that exists, as YYYY-MM-DD.");
        case ColumnKind::time:
            if (is_time_of_day(text)) return std::nullopt;
            return sentence(column, " must be a time of day, as HH:MM.");
        case ColumnKind::id:
        case ColumnKind::reference:
            if (parse_uuid(text)) return std::nullopt;
            return sentence(column, " must be the id of a row.");
        case ColumnKind::secret:
        case ColumnKind::roles:
        case ColumnKind::integer:
        case ColumnKind::milli:
        case ColumnKind::cents:
        case ColumnKind::flag: break;
    }
    return sentence(column, " takes no text.");
}

}  // namespace

std::string spoken_name(const Column& column) { return std::string(column.label.empty() ? column.name : column.label); }

std::optional<std::string> value_fault(const Column& column, Json& value) {
    if (value.is_null()) {
        if (column.nullable) return std::nullopt;
        return sentence(column, " is required.");
    }
    switch (column.kind) {
        case ColumnKind::integer:
        case ColumnKind::milli:
        case ColumnKind::cents:
        case ColumnKind::flag: return number_fault(column, value);
        case ColumnKind::roles: return roles_fault(column, value);
        case ColumnKind::id:
        case ColumnKind::reference:
        case ColumnKind::name:
        case ColumnKind::text:
        case ColumnKind::email:
        case ColumnKind::secret:
        case ColumnKind::choice:
        case ColumnKind::any_case:
        case ColumnKind::day:
        case ColumnKind::instant:
        case ColumnKind::time: break;
    }
    return text_fault(column, value);
}

bool can_be_stored(const Column& column, const Json& value) {
    if (value.is_null()) return column.nullable || column.writer == Writer::central;
    const bool is_number = column.kind == ColumnKind::integer || column.kind == ColumnKind::milli ||
                           column.kind == ColumnKind::cents || column.kind == ColumnKind::flag;
    if (column.writer == Writer::central) return true;
    if (is_number) {
        const bool is_bounded = column.most > column.least;
        return value.is_number_integer() && (!is_bounded || (value >= column.least && value <= column.most));
    }
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    if (text.find('\0') != std::string::npos) return false;
    const auto fits = [&](std::string_view counted) {
        return column.most == 0 || code_point_count(counted) <= static_cast<std::size_t>(column.most);
    };
    switch (column.kind) {
        case ColumnKind::name:
        case ColumnKind::email: return !trim_blanks(text).empty() && fits(trim_blanks(text));
        case ColumnKind::text: return fits(text);
        case ColumnKind::any_case:
        case ColumnKind::choice: return !choice_fault(column, text);
        case ColumnKind::instant: return parse_utc(text).has_value();
        case ColumnKind::day: return is_day(text);
        case ColumnKind::time: return is_time_of_day(text);
        case ColumnKind::id:         // Judged with the row id,
        case ColumnKind::reference:  // and as a row that is there or not.
        case ColumnKind::secret:
        case ColumnKind::roles:
        case ColumnKind::integer:
        case ColumnKind::milli:
        case ColumnKind::cents:
        case ColumnKind::flag: break;
    }
    return true;
}

bool takes_decided_value(const Column& column) {
    return (column.writer == Writer::person || column.writer == Writer::action) && column.kind != ColumnKind::secret;
}

}  // namespace vetchart::sync
