#include "edge/api/events.h"

#include <spdlog/spdlog.h>

#include "sync/base/json.h"

namespace vetchart::edge {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{300};
constexpr int kLooksPerStatus = 3;
constexpr std::chrono::seconds kWait{1};
constexpr std::chrono::seconds kHeartbeat{15};
/// A stream ends after this and the page connects again, so that a login that ended is noticed.
constexpr std::chrono::minutes kStreamLife{5};
constexpr std::size_t kChangesKept = 64;

std::string event_text(const char* name, const std::string& data) {
    return std::string("event: ") + name + "\ndata: " + data + "\n\n";
}

std::string names_of(const TableSet& tables) {
    nlohmann::json names = nlohmann::json::array();
    const auto all = sync::tables();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (tables[i]) names.push_back(all[i].name);
    }
    return nlohmann::json{{"tables", names}}.dump();
}

}  // namespace

EventHub::EventHub(Database& database, std::function<std::string()> status)
    : database_(database), status_(std::move(status)) {}

EventHub::~EventHub() {
    {
        const std::lock_guard guard(lock_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (watcher_.joinable()) watcher_.join();
}

std::shared_ptr<EventHub::Stream> EventHub::listen() {
    {
        const std::lock_guard guard(lock_);
        if (streams_ >= kStreamsMax || stopping_) return nullptr;
        ++streams_;
        if (!watcher_.joinable()) watcher_ = std::thread([this] { watch(); });
    }
    wake_.notify_all();
    return std::make_shared<Stream>(*this);
}

void EventHub::watch() {
    while (true) {
        try {
            return watch_until_stopped();
        } catch (...) {
            spdlog::error("the watch for changes failed and begins anew");
        }
        std::unique_lock guard(lock_);
        wake_.wait_for(guard, kLookEvery, [this] { return stopping_; });
    }
}

void EventHub::watch_until_stopped() {
    ChangeMark mark;
    int looks = 0;
    std::unique_lock guard(lock_);
    while (!stopping_) {
        if (streams_ == 0) {
            mark = {};
            status_text_.clear();
            wake_.wait(guard, [this] { return stopping_ || streams_ > 0; });
            continue;
        }
        const bool with_status = status_text_.empty() || ++looks % kLooksPerStatus == 0;
        guard.unlock();
        const auto written = tables_written(database_, mark);
        const std::string status = with_status ? status_() : std::string();
        guard.lock();
        if (written && written->any()) {
            changes_.push_back(*written);
            if (changes_.size() > kChangesKept) changes_.pop_front();
            ++number_;
        }
        if (!status.empty() && status != status_text_) {
            status_text_ = status;
            ++status_number_;
        }
        wake_.notify_all();
        wake_.wait_for(guard, kLookEvery, [this] { return stopping_; });
    }
}

EventHub::Stream::Stream(EventHub& hub) : hub_(hub), began_(Clock::now()), last_sent_(began_) {
    const std::lock_guard guard(hub_.lock_);
    seen_ = hub_.number_;
}

EventHub::Stream::~Stream() {
    const std::lock_guard guard(hub_.lock_);
    --hub_.streams_;
}

bool EventHub::Stream::next(std::string& piece) {
    piece.clear();
    std::unique_lock guard(hub_.lock_);
    const auto something = [this] {
        return hub_.stopping_ || hub_.number_ != seen_ ||
               (hub_.status_number_ != status_seen_ && !hub_.status_text_.empty());
    };
    hub_.wake_.wait_for(guard, kWait, something);
    const auto now = Clock::now();
    if (hub_.stopping_ || now - began_ > kStreamLife) return false;
    if (hub_.number_ != seen_) {
        TableSet tables;
        const std::uint64_t missed = hub_.number_ - seen_;
        if (missed > hub_.changes_.size()) tables.set();
        for (std::size_t i = 0; i < missed && i < hub_.changes_.size(); ++i) {
            tables |= hub_.changes_[hub_.changes_.size() - 1 - i];
        }
        seen_ = hub_.number_;
        piece += event_text("changed", names_of(tables));
    }
    if (hub_.status_number_ != status_seen_ && !hub_.status_text_.empty()) {
        status_seen_ = hub_.status_number_;
        piece += event_text("sync", hub_.status_text_);
    }
    if (piece.empty() && now - last_sent_ > kHeartbeat) piece = ": still here\n\n";
    if (!piece.empty()) last_sent_ = now;
    return true;
}

}  // namespace vetchart::edge
