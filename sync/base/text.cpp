#include "sync/base/text.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace vetchart {
namespace {

struct CodePoint {
    char32_t value;
    std::size_t size;
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The well-formed code point at the start of `text`; nullopt when there is none.
std::optional<CodePoint> decode(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return CodePoint{lead, 1};
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (size == 0 || lead > 0xf4 || text.size() < size) return std::nullopt;
    char32_t value = lead & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if (!is_continuation(text[i])) return std::nullopt;
        value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
    }
    constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < kLeast[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return std::nullopt;
    return CodePoint{value, size};
}

bool is_blank(char32_t c) {
    return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200b) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 ||
           c == 0xfeff;
}

}  // namespace

std::string_view trim_blanks(std::string_view text) {
    while (const auto first = decode(text)) {
        if (!is_blank(first->value)) break;
        text.remove_prefix(first->size);
    }
    while (!text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && is_continuation(text[start])) --start;
        const auto last = decode(text.substr(start));
        if (!last || last->size != text.size() - start || !is_blank(last->value)) break;
        text.remove_suffix(last->size);
    }
    return text;
}

bool is_clean_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto next = decode(text);
        if (!next || next->value == 0) return false;
        text.remove_prefix(next->size);
    }
    return true;
}

std::size_t code_point_count(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string ascii_lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

}  // namespace vetchart
