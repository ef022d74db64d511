#include "central/sample/calendar.h"

namespace vetchart::central {
namespace {

using std::chrono::last;
using std::chrono::March;
using std::chrono::November;
using std::chrono::October;
using std::chrono::Sunday;
using std::chrono::year;
using std::chrono::year_month_day;

/// In the daytime of `day`: whether the clocks are an hour ahead.
bool is_summer_time(ClockRule rule, Day day) {
    const year y = year_month_day(day).year();
    switch (rule) {
        case ClockRule::fixed: return false;
        case ClockRule::american: return day >= Day(y / March / Sunday[2]) && day < Day(y / November / Sunday[1]);
        case ClockRule::european: return day >= Day(y / March / Sunday[last]) && day < Day(y / October / Sunday[last]);
    }
    return false;
}

std::string padded(unsigned value, std::size_t width) {
    std::string text = std::to_string(value);
    return std::string(width - std::min(width, text.size()), '0') + text;
}

}  // namespace

std::string day_text(Day day) {
    const year_month_day date(day);
    return padded(static_cast<unsigned>(static_cast<int>(date.year())), 4) + '-' +
           padded(static_cast<unsigned>(date.month()), 2) + '-' + padded(static_cast<unsigned>(date.day()), 2);
}

Result<Day> parse_day(const std::string& text) {
    if (!is_day(text)) return Error{Errc::invalid_input, "no such day (YYYY-MM-DD): " + text};
    const auto number = [&](std::size_t from, std::size_t size) { return std::stoi(text.substr(from, size)); };
    return Day(year(number(0, 4)) / number(5, 2) / number(8, 2));
}

unsigned weekday_of(Day day) { return std::chrono::weekday(day).c_encoding(); }

unsigned month_of(Day day) { return static_cast<unsigned>(year_month_day(day).month()); }

Day years_before(Day day, int years) {
    const year_month_day date = year_month_day(day) - std::chrono::years(years);
    return date.ok() ? Day(date) : Day(date.year() / date.month() / last);
}

UtcMillis instant_of(const Zone& zone, Day day, int minute_of_day) {
    const int offset = zone.offset_minutes + (is_summer_time(zone.rule, day) ? 60 : 0);
    return UtcMillis(day) + std::chrono::minutes(minute_of_day - offset);
}

}  // namespace vetchart::central
