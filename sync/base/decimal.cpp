#include "sync/base/decimal.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace vetchart {
namespace {

constexpr int kExponentMax = 400;

struct Parts {
    bool negative = false;
    std::string digits;      ///< Significant digits without a point.
    std::int64_t point = 0;  ///< Number of digits before the decimal point; may be negative.
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<int> read_exponent(std::string_view text) {
    int value = 0;
    if (text.empty()) return std::nullopt;
    if (text.front() == '+') {
        text.remove_prefix(1);
        if (text.empty() || !is_digit(text.front())) return std::nullopt;  // from_chars would take "+-5"
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > kExponentMax || value < -kExponentMax)
        return std::nullopt;
    return value;
}

std::optional<Parts> split(std::string_view text) {
    Parts parts;
    std::size_t at = 0;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) parts.negative = text[at++] == '-';
    while (at < text.size() && is_digit(text[at])) parts.digits.push_back(text[at++]);
    parts.point = static_cast<std::int64_t>(parts.digits.size());
    if (at < text.size() && text[at] == '.') {
        ++at;
        while (at < text.size() && is_digit(text[at])) parts.digits.push_back(text[at++]);
    }
    if (parts.digits.empty()) return std::nullopt;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        const auto exponent = read_exponent(text.substr(at + 1));
        if (!exponent) return std::nullopt;
        parts.point += *exponent;
        at = text.size();
    }
    if (at != text.size()) return std::nullopt;
    return parts;
}

/// Appends one digit; false on overflow.
bool append_digit(std::int64_t& value, int digit) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    if (value > (kMax - digit) / 10) return false;
    value = value * 10 + digit;
    return true;
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text, int scale) {
    const auto parts = split(text);
    if (!parts) return std::nullopt;
    const std::int64_t wanted = parts->point + scale;  // how many digits are kept
    const auto size = static_cast<std::int64_t>(parts->digits.size());
    std::int64_t value = 0;
    for (std::int64_t i = 0; i < wanted; ++i) {
        const int digit = i < size ? parts->digits[static_cast<std::size_t>(i)] - '0' : 0;
        if (!append_digit(value, digit)) return std::nullopt;
    }
    const bool half_up = wanted >= 0 && wanted < size && parts->digits[static_cast<std::size_t>(wanted)] >= '5';
    if (half_up) {
        if (value == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
        ++value;
    }
    return parts->negative ? -value : value;
}

std::optional<std::int64_t> decimal_from_double(double value, int scale) {
    if (!std::isfinite(value)) return std::nullopt;
    std::array<char, 64> text{};
    // 13 significant digits: enough for 10^12 cents, few enough to drop the noise of sums of cents.
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, 12);
    if (error != std::errc{}) return std::nullopt;
    return parse_decimal(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())), scale);
}

std::string format_decimal(std::int64_t value, int scale) {
    const bool negative = value < 0;
    std::string digits =
        std::to_string(negative ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value));
    if (scale > 0) {
        const auto width = static_cast<std::size_t>(scale) + 1;
        if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
        digits.insert(digits.size() - static_cast<std::size_t>(scale), 1, '.');
    }
    return negative ? "-" + digits : digits;
}

double decimal_to_double(std::int64_t value, int scale) {
    double divisor = 1;
    for (int i = 0; i < scale; ++i) divisor *= 10;
    return static_cast<double>(value) / divisor;
}

}  // namespace vetchart
