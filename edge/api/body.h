#pragma once

#include <optional>
#include <vector>

#include "edge/api/http.h"
#include "edge/store/rows/charts_fields.h"

/// Request bodies: bytes to JSON to column values, every field's fault at once.
namespace vetchart::edge {

/// The body as a JSON object, or the answer that refuses it (400 malformed, 413, 415, 422 for numbers that are not
/// finite). An empty body is an empty object when `may_be_empty`.
[[nodiscard]] std::optional<Response> parse_body(const Request& request, Json& body, bool may_be_empty = false);

/// The writable columns of `table` after `body` over `stored` (nullptr: a new row), in the order of fields_of(table).
/// An absent field keeps its value, null clears it, "" in a nullable field is null; unknown fields are ignored.
/// `errors` gets a fault (field_fault) per wrong field.
[[nodiscard]] std::vector<Value> read_fields(ChartTable table, const Json& body, const std::vector<Value>* stored,
                                             Json& errors);

/// What is wrong with one field, as errors.h takes it: the sentence for a person, and for a program that says it in
/// another language a code with its limits (docs/errors.md has the list).
[[nodiscard]] Json field_fault(const std::string& sentence, std::string_view code, Json limits = Json::object());
[[nodiscard]] Json required_fault(std::string_view label);

/// Reads one field's value. Precondition: `value` is not null. nullopt: it does not fit, and `fault` says why.
[[nodiscard]] std::optional<Value> read_value(const sync::Column& field, const Json& value, Json& fault);

/// True when the body has the field and it is not null.
[[nodiscard]] bool given(const Json& body, std::string_view name);
/// The body's text under `name`; empty when there is none.
[[nodiscard]] std::string text_of(const Json& body, std::string_view name);

}  // namespace vetchart::edge
