#include "edge/store/log/link_notes.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "edge/store/file/ahead.h"
#include "sync/engine/clock_offset.h"
#include "sync/engine/link_state.h"

namespace vetchart::edge {
namespace {

constexpr const char* kSetOffset = R"(
UPDATE sync_control SET clock_offset_ms = ?1,
       contact_seq = CASE WHEN ?2 THEN coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change_log'), 0)
                          ELSE contact_seq END)";

// The clock was set back, so earlier times lie ahead of it. What is written from now on need not follow them.
constexpr const char* kBeginTimesAnew = R"(
UPDATE sync_control SET contact_seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change_log'), 0)
WHERE (SELECT at FROM change_log ORDER BY seq DESC LIMIT 1) > ?1)";

constexpr const char* kClockWrongSince = R"(
UPDATE node_state SET clock_wrong_since = CASE WHEN ?1 THEN coalesce(clock_wrong_since, ?2) END)";

constexpr const char* kFailure = R"(
UPDATE node_state SET last_error = ?1, link_state = ?2,
       link_state_since = CASE WHEN link_state = ?2 THEN coalesce(link_state_since, ?3) ELSE ?3 END)";

void set_offset(Connection& connection, std::int64_t offset_ms, bool contact, const std::string& now) {
    SQLite::Statement& offset = connection.statement(kSetOffset);
    offset.bind(1, offset_ms);
    offset.bind(2, contact ? 1 : 0);
    offset.exec();
    const auto tolerance = sync::kClockTolerance.count();
    SQLite::Statement& since = connection.statement(kClockWrongSince);
    since.bind(1, offset_ms > tolerance || offset_ms < -tolerance ? 1 : 0);
    since.bind(2, now);
    since.exec();
}

void follow_set_clock(Connection& connection, std::int64_t offset_ms, UtcMillis wall) {
    const UtcMillis now = wall + std::chrono::milliseconds(offset_ms);
    set_offset(connection, offset_ms, false, format_utc(now));
    bring_back_node_times(connection, format_utc(now));
    SQLite::Statement& anew = connection.statement(kBeginTimesAnew);
    anew.bind(1, format_utc(now + sync::kClockTolerance));
    anew.exec();
}

}  // namespace

Status LinkNotes::note_contact(std::int64_t clock_offset_ms, UtcMillis now) {
    return database_.maintain([&](Connection& connection) -> Status {
        const std::string at = format_utc(now);
        bring_back_rows(connection, at, clock_offset_ms - clock_offset().count());
        set_offset(connection, clock_offset_ms, true, at);
        SQLite::Statement& contact = connection.statement("UPDATE node_state SET last_contact_at = ?1");
        contact.bind(1, at);
        contact.exec();
        bring_back_node_times(connection, at);
        return Done{};
    });
}

Status LinkNotes::note_failure(const Error& error, UtcMillis now) {
    return database_.maintain([&](Connection& connection) -> Status {
        SQLite::Statement& statement = connection.statement(kFailure);
        statement.bind(1, error.slug.empty() ? error.context : error.slug + ": " + error.context);
        statement.bind(2, std::string(sync::to_string(sync::link_state_of(error))));
        statement.bind(3, format_utc(now));
        statement.exec();
        bring_back_node_times(connection, format_utc(now));
        return Done{};
    });
}

Status LinkNotes::note_working() {
    return database_.maintain([](Connection& connection) -> Status {
        connection.exec("UPDATE node_state SET last_error = NULL, link_state = '', link_state_since = NULL");
        return Done{};
    });
}

Status LinkNotes::clock_was_set(std::int64_t step_ms, UtcMillis wall) {
    return database_.maintain([&](Connection& connection) -> Status {
        follow_set_clock(connection, sync::offset_after_step(clock_offset().count(), step_ms), wall);
        return Done{};
    });
}

Status LinkNotes::look_at_clock(UtcMillis wall) {
    return database_.maintain([&](Connection& connection) -> Status {
        const std::int64_t offset = clock_offset().count();
        SQLite::Statement& contact = connection.statement("SELECT coalesce(last_contact_at, '') FROM node_state");
        VC_ASSERT(contact.executeStep());
        const auto last = parse_utc(contact.getColumn(0).getString());
        contact.reset();
        // With the offset the time is before the last contact, without it it is not: the clock was repaired meanwhile.
        const UtcMillis corrected = wall + std::chrono::milliseconds(offset);
        const bool repaired = offset < 0 && last && corrected + sync::kClockTolerance < *last && wall >= *last;
        follow_set_clock(connection, repaired ? 0 : offset, wall);
        return Done{};
    });
}

}  // namespace vetchart::edge
