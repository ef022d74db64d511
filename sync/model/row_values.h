#pragma once

#include <string>
#include <string_view>

#include "sync/model/change.h"

/// Reading a row's JSON: an object of column to value, which may lack columns, or null where there is no row. Pure.
namespace vetchart::sync {

/// The value of `column`; null where there is none. It lives as long as `image`.
[[nodiscard]] const Json& value_in(const Json& image, std::string_view column);
[[nodiscard]] bool is_set(const Json& image, std::string_view column);
/// The text in `column`; empty where there is none.
[[nodiscard]] std::string text_in(const Json& image, std::string_view column);

}  // namespace vetchart::sync
