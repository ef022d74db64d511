#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "edge/store/file/database.h"
#include "edge/store/log/changes_seen.h"

namespace vetchart::edge {

/// What open pages are told without asking, as server-sent events: `sync` with the sync status when it changes,
/// `changed` with the names of the tables that anyone wrote (a person, a pull, the shell). One thread looks at the
/// file while at least one page listens. Thread-safe.
class EventHub {
public:
    /// `status` gives the JSON of GET /api/sync/status; an empty text is not sent.
    EventHub(Database& database, std::function<std::string()> status);
    ~EventHub();
    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;

    /// One page's stream. Not thread-safe.
    class Stream {
    public:
        explicit Stream(EventHub& hub);
        ~Stream();
        Stream(const Stream&) = delete;
        Stream& operator=(const Stream&) = delete;
        /// Replaces `piece` by what there is to tell, waiting for at most a second; it may stay empty. False: the
        /// stream ends here, and the page should connect again (which asks for its login again).
        [[nodiscard]] bool next(std::string& piece);

    private:
        EventHub& hub_;
        std::uint64_t seen_ = 0;
        std::uint64_t status_seen_ = 0;
        std::chrono::steady_clock::time_point began_, last_sent_;
    };

    /// nullptr: kStreamsMax pages listen already; each holds a thread of the server.
    [[nodiscard]] std::shared_ptr<Stream> listen();

    static constexpr int kStreamsMax = 24;

private:
    void watch();
    void watch_until_stopped();
    void look();

    Database& database_;
    std::function<std::string()> status_;
    std::mutex lock_;
    std::condition_variable wake_;
    int streams_ = 0;
    bool stopping_ = false;
    std::uint64_t number_ = 1;         ///< Of the newest entry of `changes_`.
    std::uint64_t status_number_ = 0;  ///< Of `status_text_`.
    std::string status_text_;
    std::deque<TableSet> changes_;  ///< The newest last; at most kChangesKept.
    std::thread watcher_;           ///< Started by the first stream.
};

}  // namespace vetchart::edge
