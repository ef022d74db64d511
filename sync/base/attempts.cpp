#include "sync/base/attempts.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "sync/base/hmac.h"

namespace vetchart {
namespace {

// A name can hold a line break and its digest cannot, so the kinds of key never meet.
std::string digest_of(const std::string& text) { return to_hex(sha256(text)); }
std::string name_key(const LoginAttempt& attempt) {
    return "name\n" + attempt.address + "\n" + digest_of(attempt.name);
}
std::string device_key(const LoginAttempt& attempt) {
    return "device\n" + digest_of(attempt.device) + "\n" + digest_of(attempt.name);
}
std::string address_key(const LoginAttempt& attempt) { return "address\n" + attempt.address; }

}  // namespace

WindowCounter::WindowCounter(std::chrono::seconds window, std::string secret)
    : window_(window), secret_(std::move(secret)), cells_(kRows * kWidth) {}

std::array<std::size_t, WindowCounter::kRows> WindowCounter::places(std::string_view key) const {
    const Digest digest = hmac_sha256(secret_, key);
    std::array<std::size_t, kRows> found{};
    for (std::size_t row = 0; row < kRows; ++row) {
        std::uint32_t word = 0;
        std::memcpy(&word, digest.data() + row * sizeof(word), sizeof(word));
        found[row] = row * kWidth + word % kWidth;
    }
    return found;
}

bool WindowCounter::lives(const Cell& cell, Time now) const { return cell.count > 0 && now - cell.since < window_; }

int WindowCounter::count(std::string_view key, Time now) const {
    int least = std::numeric_limits<int>::max();
    for (const std::size_t place : places(key)) {
        least = std::min(least, lives(cells_[place], now) ? cells_[place].count : 0);
    }
    return least;
}

void WindowCounter::add(std::string_view key, Time now) {
    const int wanted = count(key, now) + 1;
    for (const std::size_t place : places(key)) {
        Cell& cell = cells_[place];
        if (!lives(cell, now)) cell = Cell{now, 0};
        cell.count = std::max(cell.count, wanted);
    }
}

void WindowCounter::take_back(std::string_view key, int count, Time now) {
    for (const std::size_t place : places(key)) {
        Cell& cell = cells_[place];
        if (lives(cell, now)) cell.count = std::max(0, cell.count - count);
    }
}

std::chrono::seconds WindowCounter::wait(std::string_view key, Time now) const {
    std::chrono::seconds least = window_;
    for (const std::size_t place : places(key)) {
        if (!lives(cells_[place], now)) continue;
        least = std::min(least, std::chrono::ceil<std::chrono::seconds>(window_ - (now - cells_[place].since)));
    }
    return std::max(least, std::chrono::seconds(1));
}

AttemptCounter::AttemptCounter(const std::string& secret)
    : here_(kWindow, secret), anywhere_(kAnywhereWindow, secret) {}

std::optional<std::chrono::seconds> AttemptCounter::begin(LoginAttempt& attempt, Time now) {
    attempt.counted_device = !attempt.device.empty() && here_.count(device_key(attempt), now) < kPerDeviceMax;
    if (attempt.counted_device) {
        here_.add(device_key(attempt), now);
        return std::nullopt;
    }
    const std::string name = name_key(attempt);
    const std::string address = address_key(attempt);
    const std::string anywhere = digest_of(attempt.name);
    if (here_.count(name, now) >= kPerNameMax) return here_.wait(name, now);
    if (!attempt.is_shared && here_.count(address, now) >= kPerAddressMax) return here_.wait(address, now);
    if (anywhere_.count(anywhere, now) >= kPerNameAnywhereMax) return anywhere_.wait(anywhere, now);
    here_.add(name, now);
    if (!attempt.is_shared) here_.add(address, now);
    anywhere_.add(anywhere, now);
    return std::nullopt;
}

void AttemptCounter::succeeded(const LoginAttempt& attempt, Time now) {
    const std::string key = attempt.counted_device ? device_key(attempt) : name_key(attempt);
    const int before = here_.count(key, now);
    cancelled(attempt, now);
    here_.take_back(key, before - 1, now);
}

void AttemptCounter::cancelled(const LoginAttempt& attempt, Time now) {
    if (attempt.counted_device) return here_.take_back(device_key(attempt), 1, now);
    here_.take_back(name_key(attempt), 1, now);
    if (!attempt.is_shared) here_.take_back(address_key(attempt), 1, now);
    anywhere_.take_back(digest_of(attempt.name), 1, now);
}

}  // namespace vetchart
