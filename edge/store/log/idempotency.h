#pragma once

#include <optional>
#include <string>

#include "edge/store/file/database.h"
#include "sync/base/time.h"

/// Answers given to POSTs with an Idempotency-Key, kept in the transaction of the row they speak of. Inside
/// Database::write; may throw SQLite::Exception there.
namespace vetchart::edge {

inline constexpr int kIdempotencyDays = 30;  ///< A node may be offline for weeks, but its browsers are not.

struct IdempotentCall {
    std::string key, staff_email, method, path;
    std::string body_digest;   ///< Keyed by the node's secret: of a body with a password a plain one tells too much.
    std::string plain_digest;  ///< The SHA-256 that answers of before schema 8 have; compared, never stored.
};

struct StoredAnswer {
    bool same_call = false;  ///< False: the key was used for another method, path or body.
    bool erased = false;     ///< An erasure left only what was called and, of the answer's body, {"id"}.
    int status = 0;
    std::string body;
};

[[nodiscard]] std::optional<StoredAnswer> find_answer(Connection& connection, const IdempotentCall& call);
/// Stores an answer, and forgets those older than kIdempotencyDays.
void keep_answer(Connection& connection, const IdempotentCall& call, int status, const std::string& body,
                 UtcMillis now);

}  // namespace vetchart::edge
