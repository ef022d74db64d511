#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "edge/store/file/database.h"
#include "sync/base/result.h"
#include "sync/base/rng.h"
#include "sync/base/time.h"
#include "sync/wire/messages.h"

namespace vetchart::edge {

/// The lives of a node's log: enrolment, scope, a new incarnation, joining a clinic after working alone. Thread-safe
/// through Database.
class Lives {
public:
    explicit Lives(Database& database) : database_(database) {}

    /// Stores what an enrolment brought: id, URL, scope; makes cursors for new clinics.
    [[nodiscard]] Status enrolled(const sync::EnrollReply& reply, const std::string& node_name,
                                  const std::string& central_url, UtcMillis now);
    /// Stores the scope that central told last: new clinics get a cursor, absent ones become revoked.
    [[nodiscard]] Status set_scope(const std::vector<sync::ScopedClinic>& clinics);

    /// Begins a new life of the log: a new incarnation and node code, and a chain of its own. Unsealed rows go into it.
    [[nodiscard]] Status new_incarnation(const std::string& node_code);

    /// Central holds another transaction at some seq after `last_common`: this file is a copy of a past. Begins a
    /// new incarnation (`node_code`, drawn by the caller) under which everything after `last_common` is sent again.
    [[nodiscard]] Status fork(const std::string& incarnation, std::int64_t last_common, const std::string& node_code);

    /// Moves every row of the only clinic to `clinic_id` (a node that worked alone joins a clinic), staff matched
    /// by e-mail, and logs them as inserts. Precondition: not enrolled.
    [[nodiscard]] Status adopt_into(const std::string& clinic_id);

private:
    Database& database_;
};

/// Five random characters of base32 without look-alikes: a node code (docs/data-rules.md).
[[nodiscard]] std::string draw_node_code(Rng& rng);

}  // namespace vetchart::edge
