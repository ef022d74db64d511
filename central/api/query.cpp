#include "central/api/query.h"

#include <algorithm>
#include <charconv>

#include "sync/base/text.h"

namespace vetchart::central {
namespace {

constexpr std::size_t kParametersMax = 32;

std::optional<std::string> decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        unsigned int code = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (digits.size() != 2 || ec != std::errc{} || end != digits.data() + 2) return std::nullopt;
        plain += static_cast<char>(code);
        i += 2;
    }
    return is_clean_utf8(plain) ? std::optional<std::string>(plain) : std::nullopt;
}

}  // namespace

std::optional<std::map<std::string, std::string>> parse_query(std::string_view query) {
    std::map<std::string, std::string> parameters;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(pair.size() == query.size() ? pair.size() : pair.size() + 1);
        if (pair.empty()) continue;
        const auto mark = pair.find('=');
        const auto name = decoded(pair.substr(0, mark));
        const auto value = decoded(mark == std::string_view::npos ? std::string_view() : pair.substr(mark + 1));
        if (!name || !value || parameters.size() >= kParametersMax) return std::nullopt;
        parameters[*name] = *value;
    }
    return parameters;
}

std::optional<int> parse_number(std::string_view text, int fallback, int least, int most) {
    if (text.empty()) return fallback;
    int number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc{} || end != text.data() + text.size() || number < least || number > most) return std::nullopt;
    return number;
}

int clamped_number(const std::string& text, int fallback, int least, int most) {
    long long number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end == text.data()) return std::clamp(fallback, least, most);
    if (ec == std::errc::result_out_of_range) return text.front() == '-' ? least : most;
    return static_cast<int>(std::clamp<long long>(number, least, most));
}

}  // namespace vetchart::central
