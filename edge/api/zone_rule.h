#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vetchart::edge {

/// The rule at the end of a zone file (RFC 8536: a POSIX TZ string such as `CET-1CEST,M3.5.0,M10.5.0/3`): what holds
/// after the file's last transition, which in a "slim" file may be long ago. A value; pure.
class ZoneRule {
public:
    /// Reads a TZ string. nullopt: it is malformed.
    [[nodiscard]] static std::optional<ZoneRule> parse(std::string_view text);

    /// Seconds east of UTC at `seconds` since 1970.
    [[nodiscard]] std::int64_t offset_at(std::int64_t seconds) const;

private:
    friend class ZoneRuleReader;

    /// When summer time begins or ends, in the local time that holds before.
    struct Turn {
        enum class Kind { julian, day_of_year, month_week_day };
        Kind kind = Kind::month_week_day;
        std::int64_t day = 0;    ///< Jn: 1..365, n: 0..365; of a week: 0 (Sunday)..6
        std::int64_t month = 0;  ///< 1..12
        std::int64_t week = 0;   ///< 1..5, 5: the last
        std::int64_t time = std::int64_t{2} * 3600;
    };
    /// When the turn of `year` comes, in seconds since 1970, read as if local time were UTC.
    static std::int64_t local_instant(const Turn& turn, std::int64_t year);

    std::int64_t standard_ = 0;
    std::optional<std::int64_t> summer_;
    Turn begin_, end_;
};

}  // namespace vetchart::edge
