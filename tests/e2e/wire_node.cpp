#include "tests/e2e/wire_node.h"

#include <stdexcept>

#include "schema/embedded.h"
#include "sync/base/uuid.h"
#include "sync/wire/messages.h"
#include "tests/support/chance.h"

namespace vetchart::e2e {
namespace {

constexpr const char* kAt = "2026-11-22T08:30:00.123Z";

int schema_version() { return schema::sqlite_schema_version(); }

/// Five characters of the node codes' alphabet.
std::string new_code() {
    const auto id = random_uuid_v4(test::chance());
    std::string code;
    for (std::size_t i = 0; i < 5; ++i) code.push_back("ABCDEFGHJKMNPQRSTVWXYZ23456789AB"[id.bytes[i] % 32]);
    return code;
}

}  // namespace

WireNode::WireNode(Cluster& cluster, const std::string& clinic)
    : cluster_(cluster), incarnation_(to_string(random_uuid_v4(test::chance()))), code_(new_code()) {
    const auto invitation = sync::parse_invitation(cluster.invite(clinic));
    if (!invitation) throw std::runtime_error("unreadable invitation");
    sync::EnrollRequest request;
    request.token = invitation->token;
    request.node_name = "by hand";
    request.node_code = code_;
    request.incarnation = incarnation_;
    request.app_version = "test";
    request.schema_version = schema_version();
    const auto reply = post("/sync/v1/enroll", sync::to_json(request));
    const auto enrolled = sync::parse_enroll_reply(reply.body);
    if (reply.status != 201 || !enrolled) throw std::runtime_error("enroll: " + reply.body);
    id_ = enrolled->node_id;
    secret_ = enrolled->secret;
    clinic_id_ = enrolled->clinics.front().id;
    digest_ = sync::chain_seed(incarnation_);
}

sync::Transaction WireNode::next(const std::string& table, const std::string& id, const std::string& clinic_id,
                                 const Json& values) {
    sync::Transaction transaction = next_of(table, clinic_id, {values});
    transaction.changes.front().row_id = id;
    transaction.digest = sync::expected_digest(digest_, transaction);
    return transaction;
}

sync::Transaction WireNode::next_of(const std::string& table, const std::string& clinic_id,
                                    const std::vector<Json>& rows) const {
    sync::Transaction transaction;
    transaction.first_seq = last_seq_ + 1;
    transaction.actor = actor_;
    transaction.at = kAt;
    transaction.schema_version = schema_version();
    for (const Json& row : rows) {
        sync::Change change;
        change.seq = transaction.first_seq + static_cast<std::int64_t>(transaction.changes.size());
        change.table = table;
        change.row_id = row.value("id", "");
        change.clinic_id = clinic_id;
        change.new_values = row;
        transaction.changes.push_back(std::move(change));
    }
    transaction.last_seq = transaction.changes.back().seq;
    transaction.digest = sync::expected_digest(digest_, transaction);
    return transaction;
}

void WireNode::accept(const sync::Transaction& transaction) {
    last_seq_ = transaction.last_seq;
    digest_ = transaction.digest;
}

std::string WireNode::push_body(const std::vector<sync::Transaction>& transactions) const {
    sync::PushRequest request;
    request.incarnation = incarnation_;
    request.node_code = code_;
    request.health.sent_at = kAt;
    request.transactions = transactions;
    return sync::to_json(request);
}

Reply WireNode::push(const std::vector<sync::Transaction>& transactions) {
    return post("/sync/v1/push", push_body(transactions));
}

Headers WireNode::headers(const std::string& body) const {
    Headers all{{"X-Schema-Version", std::to_string(schema_version())}, {"X-Body-SHA256", to_hex(sha256(body))}};
    if (!id_.empty()) all["Authorization"] = "Node " + id_ + "." + secret_;
    return all;
}

Reply WireNode::post(const std::string& path, const std::string& body, const Headers& more) const {
    auto all = headers(body);
    for (const auto& [name, value] : more) all[name] = value;
    return send(cluster_.url(), "POST", path, all, body, cluster_.ca());
}

Json owner_columns(const std::string& id, const std::string& clinic_id, const std::string& mark) {
    return {{"id", id},
            {"clinic_id", clinic_id},
            {"first_name", "Dana"},
            {"last_name", mark},
            {"email", "dana." + mark + "@mail.example"},
            {"phone", nullptr},
            {"address", ""},
            {"notes", nullptr},
            {"merged_into", nullptr},
            {"created_at", kAt},
            {"updated_at", kAt},
            {"deleted_at", nullptr}};
}

Json patient_columns(const std::string& id, const std::string& clinic_id, const std::string& owner_id) {
    return {{"id", id},
            {"clinic_id", clinic_id},
            {"owner_id", owner_id},
            {"name", "Biscuit"},
            {"species", "Dog"},
            {"breed", ""},
            {"birth_date", nullptr},
            {"age", 3},
            {"deceased_on", nullptr},
            {"gender", "female"},
            {"weight_milli", nullptr},
            {"weight_unit", "kg"},
            {"status", "active"},
            {"assigned_doctor", nullptr},
            {"handling_difficulty", nullptr},
            {"microchip", nullptr},
            {"notes", nullptr},
            {"created_at", kAt},
            {"updated_at", kAt},
            {"deleted_at", nullptr}};
}

}  // namespace vetchart::e2e
