#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace vetchart {

/// Wall clock, UTC. ISO 8601 text with milliseconds and Z in SQLite, JSON and on the wire; timestamptz(3) in
/// PostgreSQL. Always truncated, never rounded, to the millisecond.
using UtcMillis = std::chrono::sys_time<std::chrono::milliseconds>;

/// Monotonic, for deadlines and waits only. A separate type, so that the two clocks cannot be mixed.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

/// `2026-11-22T08:30:00.123Z`. Years 0001..9999.
[[nodiscard]] std::string format_utc(UtcMillis t);

/// Reads what format_utc writes; also ISO 8601 without milliseconds, with more digits (truncated), or with an
/// offset (+02:00). nullopt for anything else, or a date that does not exist.
[[nodiscard]] std::optional<UtcMillis> parse_utc(std::string_view text);

/// A calendar day of the clinic, `YYYY-MM-DD`, 0001-01-01..9999-12-31, one that exists.
[[nodiscard]] bool is_day(std::string_view text);

/// The clinic's wall clock, `HH:MM`, 00:00..23:59.
[[nodiscard]] bool is_time_of_day(std::string_view text);

}  // namespace vetchart
