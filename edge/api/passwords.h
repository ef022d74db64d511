#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "edge/api/http.h"
#include "edge/store/people/accounts.h"

namespace vetchart::edge {

/// The node's turns at passwords: each check or hash takes up to a second and 128 MiB, so two go on at once, a few
/// more wait, and everybody else is told to come again; the threads of the server stay free for the clinic's work.
/// Thread-safe.
class PasswordWork {
public:
    /// One of the turns; it is given back when this ends.
    class Turn {
    public:
        explicit Turn(PasswordWork& work) : work_(&work) {}
        ~Turn();
        Turn(Turn&& other) noexcept : work_(other.work_) { other.work_ = nullptr; }
        Turn& operator=(Turn&&) = delete;
        /// False when the server stops or this turn has taken long enough: begin no further check.
        [[nodiscard]] bool may_go_on() const;

    private:
        PasswordWork* work_;
        std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    };

    /// Waits for a turn, for kPatience at most. nullopt: too many wait, nobody was done in time, or the server stops.
    [[nodiscard]] std::optional<Turn> take();
    /// Refuses at once whoever waits, and whoever comes later.
    void stop();

    static constexpr int kAtOnceMax = 2;
    static constexpr int kWaitingMax = 16;
    static constexpr std::chrono::seconds kPatience{10};
    static constexpr std::chrono::seconds kTurnMax{3};

private:
    mutable std::mutex lock_;
    std::condition_variable freed_;
    int at_work_ = 0, waiting_ = 0;
    bool stopping_ = false;
};

/// The answer 503 with Retry-After.
[[nodiscard]] Response too_many_passwords();

/// What checking a password found.
struct PasswordCheck {
    bool right = false;
    bool worth_rehash = false;  ///< It was right by a bcrypt hash that read all of it (keep_local_hash).
};

/// Checks a password by argon2id, or by the bcrypt of an imported user, within the bounds of password_form(); any
/// other hash is never right, and costs as much. bcrypt sees as much of a password as it reads. The password is
/// looked at in normal form C, then, where that differs, as it was typed.
[[nodiscard]] PasswordCheck check_password(const PasswordWork::Turn& turn, const StaffLogin& staff,
                                           const std::string& password);

/// Takes as long as a check, so that no clock tells an unknown name from a known one.
void check_nobody(const PasswordWork::Turn& turn, const std::string& password);

}  // namespace vetchart::edge
