#pragma once

#include <string>

#include "edge/store/file/database.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {

/// Applies what the inbox holds of `clinic_id` and moves its cursor to `position`: the end of one snapshot of
/// central. Unsettled local work is taken back to its base images, the inbox goes in, and the work is replayed on
/// top, each transaction in a savepoint; one that cannot stand now is marked waiting. What central had already
/// accepted at or below `position` is settled. Runs inside Database::apply; throws SQLite::Exception.
void apply_inbox(Connection& connection, const std::string& clinic_id, const sync::Position& position,
                 const std::string& now);

}  // namespace vetchart::edge
