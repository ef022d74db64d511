#pragma once

#include <array>
#include <chrono>
#include <string>

#include "sync/base/result.h"
#include "sync/base/time.h"

namespace vetchart::central {

/// A calendar day of a clinic: what its wall calendar says, without a zone.
using Day = std::chrono::sys_days;
using std::chrono::days;

[[nodiscard]] std::string day_text(Day day);
/// Reads YYYY-MM-DD. Errors: invalid_input.
[[nodiscard]] Result<Day> parse_day(const std::string& text);
/// 0 is Sunday.
[[nodiscard]] unsigned weekday_of(Day day);
/// 1..12.
[[nodiscard]] unsigned month_of(Day day);
/// The same day `years` earlier (28 February for a 29 February that year has not).
[[nodiscard]] Day years_before(Day day, int years);

/// What a generated clinic's zone does with its clocks. The database's own tables stay the truth; a test compares.
enum class ClockRule { fixed, american, european };

/// Kept here and not read from the machine's tables, so that a seed gives the same rows everywhere. A country that
/// moves its clocks otherwise from some year on is no zone for this list.
struct Zone {
    const char* name;    ///< IANA.
    int offset_minutes;  ///< East of Greenwich, in winter.
    ClockRule rule;
};

/// The instant of a wall clock in the working day. Precondition: not in the hours in which clocks are moved
/// (nights of a Sunday), when no clinic here is open.
[[nodiscard]] UtcMillis instant_of(const Zone& zone, Day day, int minute_of_day);

/// `per_month[0]` is January: parts per hundred of an average month.
using Season = std::array<int, 12>;
inline constexpr Season kEvenly{100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100};

}  // namespace vetchart::central
