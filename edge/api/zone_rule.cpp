#include "edge/api/zone_rule.h"

#include <chrono>

namespace vetchart::edge {
namespace {

constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;
constexpr std::int64_t kHoursMax = 167;  // RFC 8536, section 3.3.1

std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
    const std::chrono::year_month_day at{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
    return std::chrono::sys_days{at}.time_since_epoch().count();
}

std::int64_t year_of(std::int64_t seconds) {
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{seconds}});
    return static_cast<int>(std::chrono::year_month_day{day}.year());
}

bool is_leap(std::int64_t year) { return std::chrono::year{static_cast<int>(year)}.is_leap(); }

std::int64_t weekday_of(std::int64_t days) { return (((days + 4) % 7) + 7) % 7; }

}  // namespace

/// Reads the parts of a TZ string one after the other; `failed` says that one was not there.
class ZoneRuleReader {
public:
    explicit ZoneRuleReader(std::string_view text) : text_(text) {}

    bool failed = false;

    [[nodiscard]] bool at_end() const { return text_.empty(); }
    bool skip(char c) {
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }

    /// `CET`, or `<+0330>`.
    void name() {
        const bool quoted = skip('<');
        std::size_t size = 0;
        while (size < text_.size() && (quoted ? text_[size] != '>' : is_letter(text_[size]))) ++size;
        failed = failed || size < 3 || (quoted && size == text_.size());
        text_.remove_prefix(size < text_.size() && quoted ? size + 1 : size);
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    std::int64_t time() {
        const bool minus = skip('-');
        if (!minus) skip('+');
        std::int64_t seconds = number(0, kHoursMax) * kHour;
        if (skip(':')) seconds += number(0, 59) * 60;
        if (skip(':')) seconds += number(0, 59);
        return minus ? -seconds : seconds;
    }

    ZoneRule::Turn turn() {
        using Kind = ZoneRule::Turn::Kind;
        ZoneRule::Turn read;
        if (skip('M')) {
            read.month = number(1, 12);
            failed = failed || !skip('.');
            read.week = number(1, 5);
            failed = failed || !skip('.');
            read.day = number(0, 6);
        } else if (skip('J')) {
            read.kind = Kind::julian;
            read.day = number(1, 365);
        } else {
            read.kind = Kind::day_of_year;
            read.day = number(0, 365);
        }
        if (skip('/')) read.time = time();
        return read;
    }

private:
    static bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

    std::int64_t number(std::int64_t least, std::int64_t most) {
        std::int64_t value = 0;
        std::size_t size = 0;
        while (size < text_.size() && size < 4 && text_[size] >= '0' && text_[size] <= '9') {
            value = value * 10 + (text_[size++] - '0');
        }
        failed = failed || size == 0 || value < least || value > most;
        text_.remove_prefix(size);
        return value;
    }

    std::string_view text_;
};

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
    ZoneRuleReader reader(text);
    ZoneRule rule;
    reader.name();
    rule.standard_ = -reader.time();  // POSIX counts west
    if (!reader.at_end() && !reader.failed) {
        reader.name();
        const bool has_offset = !reader.at_end() && !reader.skip(',');
        rule.summer_ = has_offset ? -reader.time() : rule.standard_ + kHour;
        reader.failed = reader.failed || (has_offset && !reader.skip(','));
        rule.begin_ = reader.turn();
        reader.failed = reader.failed || !reader.skip(',');
        rule.end_ = reader.turn();
    }
    if (reader.failed || !reader.at_end()) return std::nullopt;
    return rule;
}

std::int64_t ZoneRule::local_instant(const Turn& turn, std::int64_t year) {
    std::int64_t day = 0;
    switch (turn.kind) {
        case Turn::Kind::julian:  // the 29th of February is never counted
            day = days_from_civil(year, 1, 1) + turn.day - 1 + (is_leap(year) && turn.day >= 60 ? 1 : 0);
            break;
        case Turn::Kind::day_of_year: day = days_from_civil(year, 1, 1) + turn.day; break;
        case Turn::Kind::month_week_day: {
            const std::int64_t first = days_from_civil(year, turn.month, 1);
            const std::int64_t next =
                turn.month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, turn.month + 1, 1);
            day = first + (turn.day - weekday_of(first) + 7) % 7 + (turn.week - 1) * 7;
            if (day >= next) day -= 7;
            break;
        }
    }
    return day * kDay + turn.time;
}

std::int64_t ZoneRule::offset_at(std::int64_t seconds) const {
    if (!summer_) return standard_;
    const std::int64_t year = year_of(seconds + standard_);
    const std::int64_t begin = local_instant(begin_, year) - standard_;
    const std::int64_t end = local_instant(end_, year) - *summer_;
    const bool is_summer =
        begin < end ? begin <= seconds && seconds < end : seconds < end || seconds >= begin;  // south of the equator
    return is_summer ? *summer_ : standard_;
}

}  // namespace vetchart::edge
