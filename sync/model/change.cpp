#include "sync/model/change.h"

namespace vetchart::sync {

const char* to_string(Op op) {
    switch (op) {
        case Op::insert: return "insert";
        case Op::update: return "update";
        case Op::remove: return "delete";
    }
    return "update";
}

std::optional<Op> parse_op(std::string_view text) {
    if (text == "insert") return Op::insert;
    if (text == "update") return Op::update;
    if (text == "delete") return Op::remove;
    return std::nullopt;
}

std::string canonical_bytes(const Transaction& transaction) {
    Json changes = Json::array();
    for (const Change& change : transaction.changes) {
        changes.push_back(Json::array({change.seq, change.table, change.row_id, change.clinic_id, to_string(change.op),
                                       change.row_version, change.old_values, change.new_values}));
    }
    Json whole{{"actor", actor_json(transaction)}, {"at", transaction.at},
               {"changes", std::move(changes)},    {"firstSeq", transaction.first_seq},
               {"lastSeq", transaction.last_seq},  {"schemaVersion", transaction.schema_version}};
    if (transaction.adopted) whole["adopted"] = true;
    return whole.dump();
}

Json actor_json(const Transaction& transaction) { return transaction.actor ? Json(*transaction.actor) : Json(); }

Digest chain_seed(std::string_view incarnation) { return sha256(incarnation); }

Digest expected_digest(const Digest& previous, const Transaction& transaction) {
    return chain_digest(previous, canonical_bytes(transaction));
}

}  // namespace vetchart::sync
