#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "edge/store/file/database.h"

namespace vetchart::edge {

/// The daemon's thread for what can be made anew (edge/store/file/derived.h): folds what a shell wrote within seconds,
/// goes on with a search that is being made anew in steps of kSearchStep rows, and looks at everything soon after the
/// start, then again every minute to every day, by how long that takes. Its writes are short and wait their turn; its
/// reads hold nobody up.
class DerivedKeeper {
public:
    struct Options {
        std::chrono::milliseconds look_every{1000};
        std::chrono::milliseconds between_steps{5};  ///< The pause in which others get the write lock.
        std::chrono::milliseconds audit_after{10000};
        int audit_share = 500;  ///< Looking at everything has one part in so many of the time.
        std::chrono::milliseconds audit_every_min{60000};  ///< The shortest time between audits; the longest is a day.
    };

    DerivedKeeper(Database& database, Options options);
    explicit DerivedKeeper(Database& database) : DerivedKeeper(database, Options{}) {}
    ~DerivedKeeper();
    DerivedKeeper(const DerivedKeeper&) = delete;
    DerivedKeeper& operator=(const DerivedKeeper&) = delete;

private:
    void run();
    void catch_up();
    void audit();
    /// Waits. False: it is time to end.
    bool pause(std::chrono::milliseconds time);

    Database& database_;
    Options options_;
    std::mutex lock_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;  ///< Last: it uses the rest.
};

}  // namespace vetchart::edge
