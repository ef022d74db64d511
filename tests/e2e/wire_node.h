#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/model/change.h"
#include "tests/e2e/cluster.h"

namespace vetchart::e2e {

/// A node made of this test: it speaks docs/sync-protocol.md by hand, so that it can also say what a real node never
/// would. Enrolled over the wire with a real invitation.
class WireNode {
public:
    WireNode(Cluster& cluster, const std::string& clinic);

    /// One change as a transaction of its own, next in the chain (the chain moves on only in accept()).
    [[nodiscard]] sync::Transaction next(const std::string& table, const std::string& id, const std::string& clinic_id,
                                         const Json& values);
    /// The same of several new rows as one transaction.
    [[nodiscard]] sync::Transaction next_of(const std::string& table, const std::string& clinic_id,
                                            const std::vector<Json>& rows) const;
    /// The body of a push, as the protocol has it.
    [[nodiscard]] std::string push_body(const std::vector<sync::Transaction>& transactions) const;
    Reply push(const std::vector<sync::Transaction>& transactions);
    /// Tells that central took it: the next transaction follows it.
    void accept(const sync::Transaction& transaction);

    /// Sends a POST with all the headers of a node; `more` overrides them.
    Reply post(const std::string& path, const std::string& body, const Headers& more = {}) const;

    /// The name that its next transactions bear, true or not; nobody's at first.
    void sign_as(const std::string& staff_id) { actor_ = staff_id; }

    const std::string& id() const { return id_; }
    const std::string& clinic_id() const { return clinic_id_; }
    [[nodiscard]] Headers headers(const std::string& body) const;

private:
    Cluster& cluster_;
    std::optional<std::string> actor_;
    std::string id_, secret_, clinic_id_, incarnation_, code_;
    std::int64_t last_seq_ = 0;
    Digest digest_{};
};

/// All columns of a new owner, in the log's canonical form.
[[nodiscard]] Json owner_columns(const std::string& id, const std::string& clinic_id, const std::string& mark);
/// The same of a patient.
[[nodiscard]] Json patient_columns(const std::string& id, const std::string& clinic_id, const std::string& owner_id);

}  // namespace vetchart::e2e
