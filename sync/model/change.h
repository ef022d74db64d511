#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync/base/digest.h"
#include "sync/base/json.h"
#include "sync/base/result.h"

namespace vetchart::sync {

using Json = nlohmann::json;

enum class Op { insert, update, remove };

[[nodiscard]] const char* to_string(Op op);  ///< insert, update, delete
[[nodiscard]] std::optional<Op> parse_op(std::string_view text);

/// One row write, as the node's log has it. Values are strings, integers or null in their canonical form.
struct Change {
    std::int64_t seq = 0;
    std::string table;
    std::string row_id;
    std::string clinic_id;
    Op op = Op::insert;
    std::int64_t row_version = 0;  ///< The row's version when it was written; 0: not confirmed by central.
    Json old_values;               ///< Object of column to value; null for an insert.
    Json new_values;               ///< Object of column to value; null for a delete.
    /// Bill ids, each with the digest of the bill's group before the transaction (sync/engine/bill_group). Of the
    /// transaction's first change that touches that group; two where an item moves. An older node sends none.
    std::map<std::string, Digest> groups = {};
};

/// The changes one commit made: the unit that is accepted or refused.
struct Transaction {
    std::int64_t first_seq = 0;
    std::int64_t last_seq = 0;
    std::optional<std::string> actor;  ///< A staff id of the clinic written to; nullopt: nobody's hand (a shell's).
    bool adopted = false;              ///< A row that a node wrote while it worked alone, brought by its enrolment.
    std::string at;                    ///< format_utc, corrected by the node's clock offset.
    int schema_version = 0;
    Digest digest{};
    std::vector<Change> changes;  ///< In the order of seq.
};

/// The actor as JSON: text, or null for nobody.
[[nodiscard]] Json actor_json(const Transaction& transaction);

/// The link before the first transaction of an incarnation.
[[nodiscard]] Digest chain_seed(std::string_view incarnation);

/// The digest `transaction` must carry after `previous`.
[[nodiscard]] Digest expected_digest(const Digest& previous, const Transaction& transaction);

}  // namespace vetchart::sync
