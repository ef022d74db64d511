#include "sync/engine/ahead.h"

#include <chrono>
#include <string>

#include "sync/engine/clock_offset.h"

namespace vetchart::sync {
namespace {

/// A day, and what the earliest zone is ahead of UTC.
constexpr std::chrono::hours kDayAhead{24 + 14};

}  // namespace

bool is_from_clock(const Column& column) {
    return column.kind == ColumnKind::instant && column.writer != Writer::person && column.writer != Writer::central;
}

const std::set<std::string_view>& clock_columns() {
    static const std::set<std::string_view> names = [] {
        std::set<std::string_view> all;
        for (const Table& table : tables()) {
            for (const Column& column : table.columns) {
                if (is_from_clock(column)) all.insert(column.name);
            }
        }
        return all;
    }();
    return names;
}

void count_ahead_as_now(Json& values, UtcMillis now) {
    if (!values.is_object()) return;
    const std::string limit = format_utc(now + kClockTolerance);
    for (const std::string_view column : clock_columns()) {
        const auto value = values.find(column);
        if (value != values.end() && value->is_string() && value->get_ref<const std::string&>() > limit) {
            *value = format_utc(now);
        }
    }
}

std::vector<Notice> tell_bills_ahead(const std::vector<RowWrite>& writes, UtcMillis now) {
    const std::string last_day = format_utc(now + kDayAhead).substr(0, 10);
    std::vector<Notice> notices;
    for (const RowWrite& write : writes) {
        if (write.key.table != "bill" || write.kind == RowWrite::Kind::remove) continue;
        if (write.kind == RowWrite::Kind::update && !write.columns.contains("bill_date")) continue;
        const Json day = write.image.value("bill_date", Json());
        if (!day.is_string() || day.get_ref<const std::string&>() <= last_day) continue;
        notices.push_back({write.key,
                           write.clinic_id,
                           kNoticeBillAhead,
                           "A bill is dated ahead",
                           "This bill carries the day " + day.get<std::string>() + ", and it came on " +
                               format_utc(now).substr(0, 10) +
                               ": look at the clock of the computer it was written on. It counts by the day it was "
                               "issued.",
                           day,
                           nullptr,
                           nullptr,
                           {}});
    }
    return notices;
}

}  // namespace vetchart::sync
