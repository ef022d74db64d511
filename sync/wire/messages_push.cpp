#include <algorithm>

#include "sync/base/uuid.h"
#include "sync/model/change_json.h"
#include "sync/model/fields.h"
#include "sync/wire/messages.h"

namespace vetchart::sync {
namespace {

constexpr std::size_t kChangesMax = 200000;  ///< The body bounds a request's bytes, this bounds its objects.
void append_transaction(std::string& text, const Transaction& transaction, const std::optional<Part>& part) {
    Json head{{"firstSeq", transaction.first_seq},
              {"lastSeq", transaction.last_seq},
              {"actor", actor_json(transaction)},
              {"at", transaction.at},
              {"schemaVersion", transaction.schema_version},
              {"digest", to_hex(transaction.digest)}};
    if (transaction.adopted) head["adopted"] = true;
    if (part) head["part"] = {{"index", part->index}, {"count", part->count}};
    text += head.dump();
    text.back() = ',';  // The head's brace: one member follows.
    text.append("\"changes\":").append(changes_json(transaction.changes)).append("}");
}

/// Seqs go up by one within a transaction (a part may begin in the middle).
void check_order(const Transaction& transaction, bool is_part, Fields& fields) {
    if (transaction.changes.empty()) return fields.fail("a transaction without changes");
    std::int64_t expected = is_part ? transaction.changes.front().seq : transaction.first_seq;
    for (const Change& change : transaction.changes) {
        if (change.seq != expected++) return fields.fail("the seqs of a transaction have a gap");
    }
    const std::int64_t end = expected - 1;
    const bool fits = is_part ? end <= transaction.last_seq && transaction.changes.front().seq >= transaction.first_seq
                              : end == transaction.last_seq;
    if (!fits) fields.fail("firstSeq and lastSeq do not fit the changes");
}

Transaction read_transaction(Json& json, std::optional<Part>& part, Fields& outer) {
    Fields fields(json);
    Transaction transaction;
    transaction.first_seq = fields.integer("firstSeq", 1);
    transaction.last_seq = fields.integer("lastSeq", 1);
    transaction.actor = fields.optional_text("actor", 254);
    // It is absent in every log but that of a node that worked alone, and then means no.
    if (!fields.any("adopted").is_null()) transaction.adopted = fields.boolean("adopted");
    transaction.at = fields.text("at", 40);
    transaction.schema_version = static_cast<int>(std::min<std::int64_t>(fields.integer("schemaVersion", 1), 1 << 30));
    const auto digest = digest_from_hex(fields.text("digest", 64));
    if (!digest) fields.fail("digest is no SHA-256");
    transaction.digest = digest.value_or(Digest{});
    const auto at = parse_utc(transaction.at);
    if (!at || format_utc(*at) != transaction.at) fields.fail("at is no instant");
    if (const Json& json_part = fields.any("part"); !json_part.is_null()) {
        Fields part_fields(json_part);
        part = Part{static_cast<int>(std::min<std::int64_t>(part_fields.integer("index"), 1 << 20)),
                    static_cast<int>(std::min<std::int64_t>(part_fields.integer("count", 1), 1 << 20))};
        if (part->index >= part->count) part_fields.fail("part index is not below count");
        fields.join(part_fields);
    }
    if (fields.array("changes").size() > kChangesMax) fields.fail("too many changes");
    if (!fields.error()) {
        for (Json& change : json["changes"]) {
            if (fields.error()) break;
            transaction.changes.push_back(read_change(change, fields));
        }
    }
    if (!fields.error()) check_order(transaction, part.has_value(), fields);
    outer.join(fields);
    return transaction;
}

NodeHealth read_health(const Json& json, Fields& outer) {
    Fields fields(json);
    NodeHealth health;
    health.pending_changes = fields.integer("pendingChanges");
    health.pending_transactions = fields.integer("pendingTransactions");
    health.highest_bill_number = fields.integer("highestBillNumber");
    health.oldest_pending_at = fields.optional_text("oldestPendingAt", 40);
    health.sent_at = fields.text("sentAt", 40);
    if (!fields.error() && !parse_utc(health.sent_at)) fields.fail("sentAt is no instant");
    if (health.oldest_pending_at && !parse_utc(*health.oldest_pending_at)) fields.fail("oldestPendingAt is no instant");
    outer.join(fields);
    return health;
}

TransactionResult read_result(const Json& json, Fields& outer) {
    Fields fields(json);
    TransactionResult result;
    result.first_seq = fields.integer("firstSeq", 1);
    result.last_seq = fields.integer("lastSeq", 1);
    const auto outcome = parse_outcome(fields.text("outcome", 20));
    if (!outcome) fields.fail("outcome is unknown");
    result.outcome = outcome.value_or(Outcome::applied);
    for (const auto& [clinic, version] : fields.object("versions").items()) {
        if (!version.is_number_integer())
            fields.fail("versions must be integers");
        else
            result.versions[clinic] = version.get<std::int64_t>();
    }
    result.code = fields.optional_text("code");
    result.reason = fields.optional_text("reason");
    result.item_id = fields.optional_text("itemId", 36);
    outer.join(fields);
    return result;
}

}  // namespace

const char* to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::applied: return "applied";
        case Outcome::merged: return "merged";
        case Outcome::held: return "held";
    }
    return "held";
}

std::optional<Outcome> parse_outcome(std::string_view text) {
    if (text == "applied") return Outcome::applied;
    if (text == "merged") return Outcome::merged;
    if (text == "held") return Outcome::held;
    return std::nullopt;
}

std::string to_json(const PushRequest& message) {
    Json health{{"pendingChanges", message.health.pending_changes},
                {"pendingTransactions", message.health.pending_transactions},
                {"highestBillNumber", message.health.highest_bill_number},
                {"sentAt", message.health.sent_at}};
    if (message.health.oldest_pending_at) health["oldestPendingAt"] = *message.health.oldest_pending_at;
    std::string text =
        Json{{"incarnation", message.incarnation}, {"nodeCode", message.node_code}, {"health", std::move(health)}}
            .dump();
    text.back() = ',';  // The brace: one member follows.
    text += "\"transactions\":[";
    bool first = true;
    for (const Transaction& transaction : message.transactions) {
        if (!first) text += ',';
        append_transaction(text, transaction, message.part);
        first = false;
    }
    return text + "]}";
}

Result<PushRequest> parse_push_request(std::string_view text) {
    VC_TRY_ASSIGN(Json json, parse_json(text));
    Fields fields(json);
    PushRequest message;
    message.incarnation = fields.text("incarnation", 36);
    message.node_code = fields.text("nodeCode", 16);
    if (!fields.error() && !parse_uuid(message.incarnation)) fields.fail("incarnation is no id");
    if (!fields.error() && !is_node_code(message.node_code)) fields.fail("nodeCode is no code");
    message.health = read_health(fields.object("health"), fields);
    if (fields.array("transactions").size() > kBatchTransactionsMax) fields.fail("too many transactions");
    if (!fields.error()) {
        for (Json& transaction : json["transactions"]) {
            if (fields.error()) break;
            message.transactions.push_back(read_transaction(transaction, message.part, fields));
        }
    }
    if (message.part && message.transactions.size() != 1) fields.fail("a part comes alone");
    for (std::size_t i = 1; i < message.transactions.size(); ++i) {
        const bool follows = message.transactions[i].first_seq == message.transactions[i - 1].last_seq + 1;
        if (!follows) fields.fail("the transactions have a gap");
    }
    if (fields.error()) return *fields.error();
    return message;
}

std::vector<PushRequest> split_parts(PushRequest request, std::size_t bytes_max) {
    std::vector<PushRequest> parts;
    if (request.transactions.size() != 1 || canonical_bytes(request.transactions.front()).size() <= bytes_max) {
        parts.push_back(std::move(request));
        return parts;
    }
    std::vector<Change> changes = std::move(request.transactions.front().changes);
    request.transactions.front().changes.clear();
    std::size_t bytes = bytes_max + 1;
    std::string text;
    for (Change& change : changes) {
        text.clear();
        append_change(text, change);
        const std::size_t size = text.size();
        if (bytes + size > bytes_max) {
            parts.push_back(request);
            bytes = 0;
        }
        bytes += size;
        parts.back().transactions.front().changes.push_back(std::move(change));
    }
    const int count = static_cast<int>(parts.size());
    for (int i = 0; i < count; ++i) parts[static_cast<std::size_t>(i)].part = Part{i, count};
    return parts;
}

std::string upload_reply_json(std::size_t there) { return Json{{"there", there}}.dump(); }

Result<std::size_t> parse_upload_reply(std::string_view text) {
    VC_TRY_ASSIGN(const Json json, parse_json(text));
    Fields fields(json);
    const auto there = fields.integer("there");
    if (fields.error()) return *fields.error();
    return static_cast<std::size_t>(there);
}

std::string to_json(const PushReply& message) {
    Json results = Json::array();
    for (const TransactionResult& result : message.results) {
        Json json{{"firstSeq", result.first_seq},
                  {"lastSeq", result.last_seq},
                  {"outcome", to_string(result.outcome)},
                  {"versions", Json::object()}};
        for (const auto& [clinic, version] : result.versions) json["versions"][clinic] = version;
        if (result.code) json["code"] = *result.code;
        if (result.reason) json["reason"] = *result.reason;
        if (result.item_id) json["itemId"] = *result.item_id;
        results.push_back(std::move(json));
    }
    Json json{{"lastSeq", message.last_seq}, {"serverTime", message.server_time}, {"results", std::move(results)}};
    if (message.staged) json["staged"] = true;
    return json.dump();
}

Result<PushReply> parse_push_reply(std::string_view text) {
    VC_TRY_ASSIGN(const Json json, parse_json(text));
    Fields fields(json);
    PushReply message;
    message.last_seq = fields.integer("lastSeq");
    message.server_time = fields.text("serverTime", 40);
    if (!fields.any("staged").is_null()) message.staged = fields.boolean("staged");
    for (const Json& result : fields.array("results")) {
        if (fields.error()) break;
        message.results.push_back(read_result(result, fields));
    }
    if (fields.error()) return *fields.error();
    return message;
}

}  // namespace vetchart::sync
