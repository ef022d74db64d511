#include "sync/model/change.h"

#include "sync/model/change_json.h"

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

Json actor_json(const Transaction& transaction) { return transaction.actor ? Json(*transaction.actor) : Json(); }

Digest chain_seed(std::string_view incarnation) { return sha256(incarnation); }

Digest expected_digest(const Digest& previous, const Transaction& transaction) {
    return chain_digest(previous, canonical_bytes(transaction));
}

}  // namespace vetchart::sync
