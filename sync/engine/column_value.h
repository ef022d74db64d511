#pragma once

#include <optional>
#include <string>

#include "sync/catalogue/catalogue.h"
#include "sync/model/change.h"

/// Values that a person gives a column outside of a form: in a decision on an item. Pure.
namespace vetchart::sync {

/// The column as a sentence names it.
[[nodiscard]] std::string spoken_name(const Column& column);

/// What keeps `value` from being one of `column`, as a sentence for a person; nullopt: nothing, and `value` is then in
/// the column's canonical form, which is the one that items show (amounts in cents, weights in thousandths, flags 0 and
/// 1). What depends on other rows (whether a reference is there, whether an e-mail is taken) is not judged.
[[nodiscard]] std::optional<std::string> value_fault(const Column& column, Json& value);

/// False for a value that the tables cannot have in this column, in either engine: what a node sends of it was written
/// by no node of ours.
[[nodiscard]] bool can_be_stored(const Column& column, const Json& value);

/// True when a decision may give the column a value: what a person writes by a form or an action, no secret.
[[nodiscard]] bool takes_decided_value(const Column& column);

}  // namespace vetchart::sync
