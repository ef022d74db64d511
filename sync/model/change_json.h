#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sync/base/result.h"
#include "sync/model/change.h"
#include "sync/model/fields.h"

/// The one JSON of a change: on the wire, in central's journal, in quarantine and in the staged parts of a transaction.
///
///     {"clinicId":C,"id":R,"op":"insert","seq":7,"table":"owner","version":0,"old":null,"new":{"first_name":"Ada",..}}
///
/// `old` is null for an insert, `new` for a delete; a reader takes an absent one for null, as older nodes send it.
/// `"groups":{<bill id>:<digest in hex>}` follows in a change that carries the digest of a bill's group, and in no
/// other. Values are strings, integers and null. Text is written piece by piece, so that a batch of changes is never a
/// tree. The digest has a form of its own, shorter and with a fixed order: canonical_bytes. All are pure and
/// thread-safe.
namespace vetchart::sync {

/// Appends `change` to `text`.
void append_change(std::string& text, const Change& change);

/// The changes as a JSON list, in their order.
[[nodiscard]] std::string changes_json(const std::vector<Change>& changes);

/// The change that `json` tells, whose values are moved out of it. What it is not fails `outer`: a member that is
/// missing or of another type, `old` and `new` that do not fit `op` or are no rows.
[[nodiscard]] Change read_change(Json& json, Fields& outer);

/// Reads what changes_json wrote. Errors: invalid_input (`malformed`).
[[nodiscard]] Result<std::vector<Change>> parse_changes(std::string_view text);

/// What is digested: keys sorted, no blanks, a change as [seq, table, id, clinicId, op, version, old, new] with its
/// `groups` behind only where it has some, and `adopted` only when it is true. Equal for equal content, whatever the
/// order of keys was (docs/sync-protocol.md, push).
[[nodiscard]] std::string canonical_bytes(const Transaction& transaction);

}  // namespace vetchart::sync
