#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vetchart {

/// Outer blanks removed: the one literal list of docs/schema.md (tab to CR, U+0020, 0085, 00A0, 1680,
/// 2000-200B, 2028, 2029, 202F, 205F, 3000, FEFF), the same that both schemas give to trim/btrim.
[[nodiscard]] std::string_view trim_blanks(std::string_view text);

/// True for well-formed UTF-8 (no overlong forms, no surrogates) without NUL.
[[nodiscard]] bool is_clean_utf8(std::string_view text);

/// Counts the code points of well-formed UTF-8, as length() does in both engines.
[[nodiscard]] std::size_t code_point_count(std::string_view text);

/// Lower case of ASCII letters only, as SQLite's lower() and PostgreSQL's lower(x COLLATE "C") give it.
[[nodiscard]] std::string ascii_lower(std::string_view text);

}  // namespace vetchart
