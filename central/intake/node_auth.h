#pragma once

#include <string>
#include <string_view>

#include "central/intake/push.h"
#include "central/store/pool.h"
#include "sync/base/answer.h"
#include "sync/base/result.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

struct AuthenticatedNode {
    NodeIdentity identity;
    std::string name, code;
    bool contact_due = false;  ///< The last contact written down is some seconds old: worth a write.
    bool pull_due = false;     ///< The same of the last pull.
};

/// 401 node_unknown or 403 node_revoked. Beside what the answer tells, for the audit alone: why, and which node it is
/// that the id belongs to.
struct RefusedNode : Refusal {
    std::string because;
    std::string node_id, node_name, node_code;  ///< Empty where there is no such node.
};

/// Checks `Node <id>.<secret>` against the database, in constant time over the secret. One indexed query and no
/// cache, so a revoked node is refused from the moment the revocation commits. Blocking, thread-safe.
[[nodiscard]] Result<Answer<AuthenticatedNode, RefusedNode>> authenticate(Pool& pool, std::string_view authorization);

/// True when `header` has the form of a node's credentials: what can be refused without asking the database.
[[nodiscard]] bool has_node_form(std::string_view header);

/// Writes down that the node was heard (last_seen_at, last_pull_at), unless its row is locked just now: a contact
/// never waits for a push of the same node.
[[nodiscard]] Status note_contact(Pool& pool, const std::string& node_id, bool pulled);

/// The scope a node may read: the clinic's entry, or nullptr.
[[nodiscard]] const sync::ScopedClinic* find_clinic(const NodeIdentity& node, std::string_view clinic_id);

}  // namespace vetchart::central
