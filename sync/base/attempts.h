#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vetchart {

/// Counts events by key over a window, in memory of one size whatever keys come: a count-min sketch with conservative
/// update. A count is never too low, save that it may end with the window of a key that shares its place; it is too
/// high only where all places of a key are shared. `secret` keeps strangers from aiming at somebody's places. Not
/// thread-safe. Source: Cormode and Muthukrishnan, "An improved data stream summary" (2005); Estan and Varghese (2002)
/// for the update.
class WindowCounter {
public:
    using Time = std::chrono::steady_clock::time_point;
    WindowCounter(std::chrono::seconds window, std::string secret);

    [[nodiscard]] int count(std::string_view key, Time now) const;
    void add(std::string_view key, Time now);
    void take_back(std::string_view key, int count, Time now);
    /// How long until the count of `key` falls; at least a second.
    [[nodiscard]] std::chrono::seconds wait(std::string_view key, Time now) const;

private:
    static constexpr std::size_t kRows = 4;
    static constexpr std::size_t kWidth = 1U << 14U;
    struct Cell {
        Time since;
        int count = 0;
    };
    [[nodiscard]] std::array<std::size_t, kRows> places(std::string_view key) const;
    [[nodiscard]] bool lives(const Cell& cell, Time now) const;

    std::chrono::seconds window_;
    std::string secret_;
    std::vector<Cell> cells_;
};

/// One try at a login.
struct LoginAttempt {
    std::string name;             ///< As typed, in one case: an unknown name is counted like a known one.
    std::string address;          ///< The address_block() of the caller.
    bool is_shared = false;       ///< Many people may have the address: loopback, a proxy that names nobody.
    std::string device;           ///< A browser that has logged in under this name before; empty: a stranger.
    bool counted_device = false;  ///< Set by begin(): it was counted against the device alone.
};

/// Slows guessing at logins down without letting strangers lock a person out. A browser that is known for the name has
/// a count of its own, so what others fail at does not reach it, and it is no free pass either. Strangers are counted
/// by name and address, by address (unless it is shared), and by name over all addresses. Not thread-safe; bounded.
/// Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
class AttemptCounter {
public:
    using Time = WindowCounter::Time;
    explicit AttemptCounter(const std::string& secret = {});

    /// Counts an attempt as failed before its password is looked at, so that attempts at the same time count too. After
    /// too many it counts nothing and returns how long to wait.
    [[nodiscard]] std::optional<std::chrono::seconds> begin(LoginAttempt& attempt, Time now);
    /// Forgets the count of the name at this address, or of the device: the attempt was right.
    void succeeded(const LoginAttempt& attempt, Time now);
    /// Takes the count of an attempt back whose password was never looked at.
    void cancelled(const LoginAttempt& attempt, Time now);

    static constexpr int kPerNameMax = 10;  ///< Failures under one name at one address.
    static constexpr int kPerDeviceMax = 10;
    static constexpr int kPerAddressMax = 60;
    static constexpr std::chrono::minutes kWindow{5};
    static constexpr int kPerNameAnywhereMax = 100;
    static constexpr std::chrono::minutes kAnywhereWindow{60};

private:
    WindowCounter here_, anywhere_;
};

}  // namespace vetchart
