#include "sync/base/time.h"

#include <array>
#include <cstdio>

namespace vetchart {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads `count` digits of `text` from `at`; nullopt: they are none.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) return std::nullopt;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (!is_digit(text[i])) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

std::optional<std::chrono::year_month_day> parse_day(std::string_view text) {
    const auto y = digits(text, 0, 4);
    const auto m = digits(text, 5, 2);
    const auto d = digits(text, 8, 2);
    if (!y || !m || !d || *y < 1 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const std::chrono::year_month_day day{std::chrono::year{*y}, std::chrono::month{static_cast<unsigned>(*m)},
                                          std::chrono::day{static_cast<unsigned>(*d)}};
    return day.ok() ? std::optional(day) : std::nullopt;
}

/// The fraction after the seconds, in milliseconds, truncated; moves `at` past it.
std::optional<int> parse_fraction(std::string_view text, std::size_t& at) {
    if (at >= text.size() || text[at] != '.') return 0;
    ++at;
    int ms = 0;
    std::size_t count = 0;
    for (; at < text.size() && is_digit(text[at]); ++at, ++count) {
        if (count < 3) ms = ms * 10 + (text[at] - '0');
    }
    if (count == 0) return std::nullopt;
    for (; count < 3; ++count) ms *= 10;
    return ms;
}

std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
    if (text == "Z") return std::chrono::minutes{0};
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
    const auto h = digits(text, 1, 2);
    const auto m = digits(text, 4, 2);
    if (!h || !m || *h > 14 || *m > 59) return std::nullopt;
    const std::chrono::minutes offset{*h * 60 + *m};
    return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::string format_utc(UtcMillis t) {
    const auto day = std::chrono::floor<std::chrono::days>(t);
    const std::chrono::year_month_day ymd{day};
    const std::chrono::hh_mm_ss clock{t - day};
    std::array<char, 40> text{};
    const int size =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(ymd.year()),
                      static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return std::string(text.data(), static_cast<std::size_t>(size));
}

std::optional<UtcMillis> parse_utc(std::string_view text) {
    if (text.size() < 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':') return std::nullopt;
    const auto day = parse_day(text.substr(0, 10));
    const auto h = digits(text, 11, 2);
    const auto m = digits(text, 14, 2);
    const auto s = digits(text, 17, 2);
    if (!day || !h || !m || !s || *h > 23 || *m > 59 || *s > 59) return std::nullopt;
    std::size_t at = 19;
    const auto ms = parse_fraction(text, at);
    if (!ms) return std::nullopt;
    const auto offset = parse_offset(text.substr(at));
    if (!offset) return std::nullopt;
    const UtcMillis t = UtcMillis{std::chrono::sys_days{*day}} + std::chrono::hours{*h} + std::chrono::minutes{*m} +
                        std::chrono::seconds{*s} + std::chrono::milliseconds{*ms} - *offset;
    // The offset may lead out of the years that four digits can write.
    const auto year = static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(t)}.year());
    return year >= 1 && year <= 9999 ? std::optional(t) : std::nullopt;
}

bool is_day(std::string_view text) { return text.size() == 10 && parse_day(text).has_value(); }

bool is_time_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return false;
    const auto h = digits(text, 0, 2);
    const auto m = digits(text, 3, 2);
    return h && m && *h <= 23 && *m <= 59;
}

}  // namespace vetchart
