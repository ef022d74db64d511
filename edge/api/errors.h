#pragma once

#include <string>

#include "edge/api/http.h"
#include "sync/base/result.h"

/// Error answers: `{"error", "message", "code", "fields"}`, sentences for a person, and where a field is named
/// `fieldCodes` with the same for a program (docs/errors.md has the tables).
namespace vetchart::edge {

/// `fields`: object of JSON name to sentence, or to a fault (field_fault of body.h). A field with a bare sentence has
/// the answer's own code.
[[nodiscard]] Response error_response(int status, const std::string& code, const std::string& sentence,
                                      const Json& fields = Json::object());

/// 422 with the sentences of `fields` as the message. Precondition: `fields` is not empty.
[[nodiscard]] Response invalid_fields(const Json& fields);

[[nodiscard]] Response unknown_timezone();
[[nodiscard]] Response not_found(std::string_view what);
[[nodiscard]] Response forbidden(const std::string& sentence);

/// A stale If-Match: 409 with `mine` (the body as sent) and `current` (the row as it stands).
[[nodiscard]] Response stale(const Json& mine, const std::string& current);

/// True when the node itself, and not the line, is why it does not exchange with central.
[[nodiscard]] bool is_own_trouble(const Error& error);

/// Answers an error of the store. A refusal of the schema (a CHECK, a UNIQUE, a rule trigger) becomes a sentence and
/// the field it speaks of; an internal error shows nothing of its inside and is logged here, once.
[[nodiscard]] Response from_error(const Error& error);

}  // namespace vetchart::edge
