#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sync/base/rng.h"

namespace vetchart {

/// The value of cookie `name` in a Cookie header; empty: none.
[[nodiscard]] std::string cookie_in(std::string_view header, std::string_view name);

/// What a browser's device cookie says: which one it is, and under which names somebody has logged in from it. The
/// names stand as marks that only the key's owner can make; the whole is signed. It proves nothing about who sits
/// there: it only gives the browser a count of failures of its own (AttemptCounter).
class KnownBrowser {
public:
    /// Reads a cookie's value; one that `key` did not sign is a browser never seen.
    KnownBrowser(std::string_view cookie, std::string key);

    /// The browser's id when somebody has logged in under `name` from it; else empty.
    [[nodiscard]] std::string device_of(std::string_view name) const;
    /// Notes the `names` of one person who has logged in; beyond kNamesMax the oldest are forgotten. `rng` gives a
    /// browser never seen its id.
    void remember(const std::vector<std::string>& names, Rng& rng);
    [[nodiscard]] std::string cookie() const;

    static constexpr std::size_t kNamesMax = 16;  ///< Enough for eight people, each with e-mail and user name.
    static constexpr int kDays = 180;

private:
    [[nodiscard]] std::string mark_of(std::string_view name) const;

    std::string key_;
    std::string id_;
    std::vector<std::string> marks_;  ///< The latest first.
};

}  // namespace vetchart
