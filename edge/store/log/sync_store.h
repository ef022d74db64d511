#pragma once

#include "edge/store/log/inbox.h"
#include "edge/store/log/link_notes.h"
#include "edge/store/log/lives.h"
#include "edge/store/log/push_log.h"
#include "edge/store/log/sync_status.h"

namespace vetchart::edge {

/// The sync half of the node's file, by trade. Thread-safe through Database.
class SyncStore {
public:
    explicit SyncStore(Database& database)
        : log(database), link(database), inbox(database, log, link), lives(database), database_(database) {}
    SyncStore(const SyncStore&) = delete;
    SyncStore& operator=(const SyncStore&) = delete;

    PushLog log;
    LinkNotes link;
    Inbox inbox;
    Lives lives;

    [[nodiscard]] Result<SyncStatus> status() { return read_sync_status(database_); }

private:
    Database& database_;
};

}  // namespace vetchart::edge
