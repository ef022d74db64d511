#include "edge/api/body.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "edge/api/errors.h"
#include "edge/api/non_finite.h"
#include "sync/base/decimal.h"
#include "sync/base/email.h"
#include "sync/base/text.h"
#include "sync/base/time.h"
#include "sync/base/uuid.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {
namespace {

using std::string_literals::operator""s;

bool has_json_type(const Request& request) {
    const std::string type = ascii_lower(request.header("content-type"));
    return std::string(trim_blanks(type.substr(0, type.find(';')))) == "application/json";
}

std::string label(const sync::Column& field) { return std::string(field.label); }

Json length_fault(const sync::Column& field, int least) {
    const std::string amount = least > 0 ? std::to_string(least) + " to " : std::string("at most ");
    return field_fault(label(field) + " must have " + amount + std::to_string(field.most) + " characters.", "length",
                       {{"min", least}, {"max", field.most}});
}

std::optional<Value> read_text(const sync::Column& field, const std::string& text, Json& fault) {
    const bool required = field.kind == sync::ColumnKind::name;
    const std::size_t size = code_point_count(required ? trim_blanks(text) : text);
    if (size < (required ? 1U : 0U) || size > static_cast<std::size_t>(field.most)) {
        fault = length_fault(field, required ? 1 : 0);
        return std::nullopt;
    }
    return text;
}

std::optional<Value> read_email(const sync::Column& field, const std::string& text, Json& fault) {
    std::string email = normal_email(text);
    if (email.empty() || code_point_count(email) > static_cast<std::size_t>(field.most)) {
        fault = length_fault(field, 1);
        return std::nullopt;
    }
    return email;
}

std::optional<Value> read_choice(const sync::Column& field, std::string text, Json& fault) {
    if (field.kind == sync::ColumnKind::any_case) text = ascii_lower(text);
    const auto choices = sync::choices_of(field);
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return text;
    std::string sentence = label(field) + " must be one of";
    for (std::size_t i = 0; i < choices.size(); ++i) sentence.append(i == 0 ? " " : ", ").append(choices[i]);
    fault = field_fault(sentence + ".", "choice", {{"choices", choices}});
    return std::nullopt;
}

std::optional<Value> read_day(const sync::Column& field, const std::string& text, Json& fault) {
    std::string day = text.substr(0, 10);
    // An ISO timestamp is sent where a day is meant, with a zone or as a browser's datetime-local without one: its day
    // as written, never moved by a zone.
    if (is_day(day) && (text.size() == 10 || parse_utc(text) || parse_utc(text + "Z") || parse_utc(text + ":00Z"))) {
        return day;
    }
    fault = field_fault(label(field) + " must be a day that exists, as YYYY-MM-DD.", "day");
    return std::nullopt;
}

std::optional<Value> read_string(const sync::Column& field, const std::string& text, Json& fault) {
    switch (field.kind) {
        case sync::ColumnKind::name:
        case sync::ColumnKind::text: return read_text(field, text, fault);
        case sync::ColumnKind::email: return read_email(field, text, fault);
        case sync::ColumnKind::choice:
        case sync::ColumnKind::any_case: return read_choice(field, text, fault);
        case sync::ColumnKind::day: return read_day(field, text, fault);
        case sync::ColumnKind::time:
            if (is_time_of_day(text)) return text;
            fault = field_fault(label(field) + " must be a time of day, as HH:MM.", "time");
            return std::nullopt;
        case sync::ColumnKind::instant:
            if (const auto at = parse_utc(text)) return format_utc(*at);
            fault = field_fault(label(field) + " must be a point in time, as 2026-11-22T08:30:00.000Z.", "instant");
            return std::nullopt;
        case sync::ColumnKind::reference:
            if (parse_uuid(text)) return text;
            fault = field_fault(label(field) + " was not found.", "not_found");
            return std::nullopt;
        case sync::ColumnKind::id:
        case sync::ColumnKind::secret:
        case sync::ColumnKind::integer:
        case sync::ColumnKind::milli:
        case sync::ColumnKind::cents:
        case sync::ColumnKind::flag:
        case sync::ColumnKind::roles: break;
    }
    VC_ASSERT(!"a kind that is no text");
    return std::nullopt;
}

/// The stored integer of a JSON number, or nullopt when it is not finite, out of range or has a fraction too many.
std::optional<std::int64_t> scaled(const Json& value, int scale) {
    if (value.is_number_float()) {
        const double number = value.get<double>();
        if (scale == 0 && number != std::floor(number)) return std::nullopt;
        return decimal_from_double(number, scale);
    }
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{kCentsMax}) return std::nullopt;
    const auto number = value.get<std::int64_t>();
    if (number < -kCentsMax || number > kCentsMax) return std::nullopt;
    return parse_decimal(std::to_string(number), scale);
}

std::optional<Value> read_number(const sync::Column& field, const Json& value, Json& fault) {
    const int scale = field.kind == sync::ColumnKind::cents ? 2 : field.kind == sync::ColumnKind::milli ? 3 : 0;
    if (value.is_number()) {
        const auto number = scaled(value, scale);
        if (number && *number >= field.least && *number <= field.most) return *number;
    }
    const bool must_be_positive = scale == 3 && field.least > 0;
    if (must_be_positive && value.is_number() && value.get<double>() <= 0) {
        fault = field_fault(label(field) + " must be more than 0.", "positive");
        return std::nullopt;
    }
    const std::string least = scale == 0 ? std::to_string(field.least) : format_decimal(field.least, scale);
    const std::string most = scale == 0 ? std::to_string(field.most) : format_decimal(field.most, scale);
    fault = field_fault(label(field) + " must be a number from " + least + " to " + most + ".", "number",
                        {{"min", least}, {"max", most}, {"decimals", scale}});
    return std::nullopt;
}

std::optional<Value> read_roles(const sync::Column& field, const Json& value, Json& fault) {
    const auto choices = sync::choices_of(field);
    std::vector<std::string> roles;
    bool wrong = !value.is_array();
    for (const Json& role : value) {
        wrong = wrong || !role.is_string() ||
                std::find(choices.begin(), choices.end(), role.get<std::string>()) == choices.end();
        if (!wrong) roles.push_back(role.get<std::string>());
    }
    if (wrong) {
        fault = field_fault(label(field) + " must be a list of admin, staff, veterinarian.", "choice",
                            {{"choices", choices}});
        return std::nullopt;
    }
    std::sort(roles.begin(), roles.end());
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
    return dump(Json(roles));
}

Value fallback_of(const sync::Column& field) {
    if (field.fallback == nullptr) return std::monostate{};
    const bool number = field.kind == sync::ColumnKind::integer || field.kind == sync::ColumnKind::milli ||
                        field.kind == sync::ColumnKind::cents || field.kind == sync::ColumnKind::flag;
    if (number) return std::int64_t{std::strtoll(field.fallback, nullptr, 10)};
    return std::string(field.fallback);
}

/// The value of a field that the body leaves out, or sends as null though it cannot be null.
Value absent_value(const sync::Column& field, const Value* stored, Json& errors) {
    if (stored != nullptr) return *stored;
    if (!field.nullable && field.fallback == nullptr) errors[std::string(field.json)] = required_fault(field.label);
    return fallback_of(field);
}

Value field_value(const sync::Column& field, const Json& body, const Value* stored, Json& errors) {
    const std::string name(field.json);
    const auto found = body.find(name);
    if (found == body.end()) return absent_value(field, stored, errors);
    const bool empty = found->is_string() && found->get_ref<const std::string&>().empty();
    if (field.nullable && (found->is_null() || empty)) return std::monostate{};
    if (found->is_null()) {
        if (field.kind == sync::ColumnKind::text) return std::string();
        if (field.fallback != nullptr) return absent_value(field, stored, errors);
        errors[name] = required_fault(field.label);
        return std::monostate{};
    }
    Json fault;
    if (auto value = read_value(field, *found, fault)) return *value;
    errors[name] = fault;
    return std::monostate{};
}

/// Names of the top-level fields that hold `mark` somewhere.
void note_marked(const Json& body, const std::string& mark, Json& fields) {
    if (!body.is_object()) return;
    for (const auto& [name, value] : body.items()) {
        if (dump(value).find(mark) != std::string::npos)
            fields[name] = field_fault("The number of this field is not finite.", "not_finite");
    }
}

Response malformed_response(const Request& request) {
    // NaN and Infinity are no JSON, but programs write them: that is a wrong value, not a wrong form.
    std::string mark;
    if (const auto repaired = replace_non_finite(request.body, mark)) {
        if (const auto body = sync::parse_json(*repaired)) {
            Json fields = Json::object();
            note_marked(body.value(), mark, fields);
            return error_response(422, "invalid_fields", "A number must be finite.", fields);
        }
    }
    return error_response(400, "malformed", "The request is not well-formed JSON.");
}

}  // namespace

Json field_fault(const std::string& sentence, std::string_view code, Json limits) {
    limits["sentence"] = sentence;
    limits["code"] = code;
    return limits;
}

Json required_fault(std::string_view label) { return field_fault(std::string(label) + " is required.", "required"); }

bool given(const Json& body, std::string_view name) {
    const auto found = body.find(std::string(name));
    return found != body.end() && !found->is_null();
}

std::string text_of(const Json& body, std::string_view name) {
    const auto found = body.find(std::string(name));
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Value> read_value(const sync::Column& field, const Json& value, Json& fault) {
    switch (field.kind) {
        case sync::ColumnKind::integer:
        case sync::ColumnKind::milli:
        case sync::ColumnKind::cents: return read_number(field, value, fault);
        case sync::ColumnKind::flag:
            if (value.is_boolean()) return std::int64_t{value.get<bool>() ? 1 : 0};
            fault = field_fault(label(field) + " must be true or false.", "flag");
            return std::nullopt;
        case sync::ColumnKind::roles: return read_roles(field, value, fault);
        case sync::ColumnKind::id:
        case sync::ColumnKind::secret:
        case sync::ColumnKind::name:
        case sync::ColumnKind::text:
        case sync::ColumnKind::email:
        case sync::ColumnKind::day:
        case sync::ColumnKind::instant:
        case sync::ColumnKind::time:
        case sync::ColumnKind::choice:
        case sync::ColumnKind::any_case:
        case sync::ColumnKind::reference: break;
    }
    if (value.is_string()) return read_string(field, value.get_ref<const std::string&>(), fault);
    fault = field_fault(label(field) + " must be text.", "text");
    return std::nullopt;
}

std::vector<Value> read_fields(ChartTable table, const Json& body, const std::vector<Value>* stored, Json& errors) {
    std::vector<Value> values;
    const auto fields = fields_of(table);
    values.reserve(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        values.push_back(field_value(fields[i], body, stored == nullptr ? nullptr : &(*stored)[i], errors));
    }
    return values;
}

std::optional<Response> parse_body(const Request& request, Json& body, bool may_be_empty) {
    if (request.body.empty() && may_be_empty) {
        body = Json::object();
        return std::nullopt;
    }
    if (!has_json_type(request)) {
        return error_response(415, "unsupported_type", "The request must have the type application/json.");
    }
    auto parsed = sync::parse_json(request.body);
    if (!parsed) {
        if (parsed.error().slug == "too_large") return error_response(413, "too_large", "The request is too large.");
        return malformed_response(request);
    }
    if (!parsed->is_object()) return error_response(400, "malformed", "The request must be a JSON object.");
    body = std::move(*parsed);
    return std::nullopt;
}

}  // namespace vetchart::edge
