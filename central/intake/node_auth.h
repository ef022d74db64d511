#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "central/intake/push.h"
#include "central/store/pool.h"
#include "sync/base/result.h"
#include "sync/wire/messages.h"

namespace vetchart::central {

/// A refusal in the words of docs/sync-protocol.md: nothing was changed.
struct Refusal {
    int status = 0;
    sync::ErrorReply reply;
};

struct AuthenticatedNode {
    NodeIdentity identity;
    std::string name, code;
    bool contact_due = false;  ///< The last contact written down is some seconds old: worth a write.
    bool pull_due = false;     ///< The same of the last pull.
};

struct AuthOutcome {
    std::optional<AuthenticatedNode> node;
    std::optional<Refusal> refusal;  ///< 401 node_unknown, 403 node_revoked
    /// For the audit, of a refusal; the answer tells none of it: why, and which node it is that the id belongs to.
    std::string because = {}, refused_id = {}, refused_name = {}, refused_code = {};
};

/// Checks `Node <id>.<secret>` against the database, in constant time over the secret. One indexed query and no
/// cache, so a revoked node is refused from the moment the revocation commits. Blocking, thread-safe.
[[nodiscard]] Result<AuthOutcome> authenticate(Pool& pool, std::string_view authorization);

/// True when `header` has the form of a node's credentials: what can be refused without asking the database.
[[nodiscard]] bool has_node_form(std::string_view header);

/// Writes down that the node was heard (last_seen_at, last_pull_at), unless its row is locked just now: a contact
/// never waits for a push of the same node.
[[nodiscard]] Status note_contact(Pool& pool, const std::string& node_id, bool pulled);

/// The scope a node may read: the clinic's entry, or nullptr.
[[nodiscard]] const sync::ScopedClinic* find_clinic(const NodeIdentity& node, std::string_view clinic_id);

}  // namespace vetchart::central
