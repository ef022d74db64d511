#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edge/store/file/database.h"
#include "edge/store/log/link_notes.h"
#include "edge/store/log/push_log.h"
#include "sync/base/result.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {

/// A clinic this node keeps, and how far its feed has been applied.
struct ClinicCursor {
    std::string clinic_id;
    std::optional<sync::Position> position;  ///< nullopt: nothing applied yet.
    std::optional<sync::PageKey> after;      ///< Where an unfinished pull goes on.
    std::string state;                       ///< active, closing, revoked
};

/// What central brings: pages of a clinic's feed, kept until the last one, then applied. Thread-safe through Database.
class Inbox {
public:
    Inbox(Database& database, PushLog& log, LinkNotes& link) : database_(database), log_(log), link_(link) {}

    [[nodiscard]] Result<std::vector<ClinicCursor>> cursors();

    /// Stores one page. When it is the last one, seals the log, applies the inbox and moves the cursor (apply.h).
    [[nodiscard]] Status store_page(const sync::PullReply& page, UtcMillis now);

private:
    Database& database_;
    PushLog& log_;
    LinkNotes& link_;
};

}  // namespace vetchart::edge
