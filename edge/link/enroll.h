#pragma once

#include <functional>
#include <string>
#include <vector>

#include "edge/link/node_folder.h"
#include "edge/link/proxy.h"
#include "edge/store/log/sync_store.h"
#include "sync/base/result.h"
#include "sync/base/time.h"

namespace vetchart::edge {

struct EnrollOrder {
    std::string token;        ///< The invitation as `node invite` prints it.
    std::string central_url;  ///< Instead of the invitation's; may be empty.
    std::string ca_pem;       ///< Instead of fetching what the invitation's fingerprint names; may be empty.
    std::string node_name;
    ProxyRules proxy;
    std::string into = {};  ///< Code of the clinic that takes a lone node's rows; needed when the token opens several.
};

struct Enrolled {
    std::string node_id;
    std::vector<sync::ScopedClinic> clinics;
    std::string adopted_into;  ///< Code of the clinic the folder's rows were moved to; empty: there were none.
};

/// Joins central. Writes DIR/ca.pem and DIR/node.key, then the database. May be asked again after any failure: once
/// the key is there, the same call goes on from it and does not use the token again. The caller has the folder's
/// lock, no sync runs, and the first pull is the caller's.
/// Errors: invalid_input (token, URL); unavailable; forbidden (token_invalid, ca_not_shown); conflict
/// (already_enrolled, into_required, other_clinics); those of the store.
[[nodiscard]] Result<Enrolled> enroll_node(const NodeFolder& folder, Database& database, SyncStore& store,
                                           const EnrollOrder& order, const OpenLine& open_line,
                                           const std::function<UtcMillis()>& now);

/// What a client of an enrolled node needs, from its folder. `central_url` empty: the one it enrolled with.
/// Errors: conflict `not_enrolled`, and what a person has to mend: `node_key_missing`, `node_key_unusable`,
/// `node_key_other`, `ca_unusable`; invalid_input.
[[nodiscard]] Result<CentralClientOptions> client_options(const NodeFolder& folder, SyncStore& store,
                                                          const std::string& central_url, const ProxyRules& proxy);

}  // namespace vetchart::edge
