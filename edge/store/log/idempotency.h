#pragma once

#include <optional>
#include <string>

#include "edge/store/file/database.h"
#include "sync/base/time.h"

/// Answers given to POSTs with an Idempotency-Key, kept in the transaction of the row they speak of. Inside
/// Database::write; may throw SQLite::Exception there.
namespace vetchart::edge {

inline constexpr int kIdempotencyDays = 30;  ///< A node may be offline for weeks, its browsers are not.

struct IdempotentCall {
    std::string key, staff_email, method, path;
    std::string body_digest;   ///< Under the node's secret: a body may hold a password, which a plain one gives away.
    std::string plain_digest;  ///< SHA-256, as answers of before schema 8 have it; compared, never stored.
};

struct StoredAnswer {
    bool same_call = false;  ///< False: the key was used for another method, path or body.
    bool erased = false;     ///< An erasure left of it what was called, and of the body {"id"} alone.
    int status = 0;
    std::string body;
};

[[nodiscard]] std::optional<StoredAnswer> find_answer(Connection& connection, const IdempotentCall& call);
/// Also forgets answers older than kIdempotencyDays.
void keep_answer(Connection& connection, const IdempotentCall& call, int status, const std::string& body,
                 UtcMillis now);

}  // namespace vetchart::edge
