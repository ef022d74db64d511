#include "edge/api/non_finite.h"

#include <array>
#include <cmath>
#include <cstdlib>

#include "sync/base/digest.h"

namespace vetchart::edge {
namespace {

bool is_token_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
           c == '.';
}

bool is_non_finite(const std::string& token) {
    constexpr std::array kWords = {"NaN", "-NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "+Infinity"};
    for (const char* word : kWords) {
        if (token == word) return true;
    }
    if (token.find_first_not_of("0123456789+-.eE") != std::string::npos) return false;
    char* end = nullptr;
    const double number = std::strtod(token.c_str(), &end);
    return *end == '\0' && std::isinf(number);
}

/// Copies the string literal that starts at `at`; `at` ends behind it.
void copy_string(std::string_view text, std::size_t& at, std::string& out) {
    out.push_back(text[at++]);
    while (at < text.size()) {
        const char c = text[at++];
        out.push_back(c);
        if (c == '"') return;
        if (c == '\\' && at < text.size()) out.push_back(text[at++]);
    }
}

}  // namespace

std::optional<std::string> replace_non_finite(std::string_view text, std::string& mark) {
    mark = to_hex(sha256(text));
    std::string out;
    bool found = false;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            copy_string(text, at, out);
            continue;
        }
        if (!is_token_char(text[at])) {
            out.push_back(text[at++]);
            continue;
        }
        std::string token;
        while (at < text.size() && is_token_char(text[at])) token.push_back(text[at++]);
        const bool replace = is_non_finite(token);
        found = found || replace;
        out += replace ? '"' + mark + '"' : token;
    }
    if (!found) return std::nullopt;
    return out;
}

}  // namespace vetchart::edge
