#include "central/accept/batch.h"

#include "sync/base/uuid.h"

namespace vetchart::central {

Batch::Batch(std::vector<sync::Transaction> transactions) : transactions_(std::move(transactions)) {
    for (const sync::Transaction& transaction : transactions_) {
        if (transaction.actor && parse_uuid(*transaction.actor)) {
            rows_referenced_.insert({"staff", *transaction.actor});
        }
        for (const sync::Change& change : transaction.changes) {
            changes_.push_back({&transaction, &change});
            changes_of_[change.table].push_back({&transaction, &change});
            clinics_.insert(change.clinic_id);
            rows_written_.insert({change.table, change.row_id});
            for (sync::RowKey& parent : sync::parents_of(change)) {
                if (parse_uuid(parent.id)) rows_referenced_.insert(std::move(parent));
            }
        }
    }
}

const std::vector<BatchChange>& Batch::changes_of(std::string_view table) const {
    static const std::vector<BatchChange> kNone;
    const auto found = changes_of_.find(table);
    return found == changes_of_.end() ? kNone : found->second;
}

void Batch::erase_values(const std::function<void(sync::Transaction&)>& erase) {
    for (sync::Transaction& transaction : transactions_) erase(transaction);
}

}  // namespace vetchart::central
