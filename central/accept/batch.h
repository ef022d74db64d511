#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sync/engine/decide.h"
#include "sync/model/change.h"

namespace vetchart::central {

/// One change of a batch, with the transaction it belongs to.
struct BatchChange {
    const sync::Transaction* transaction;
    const sync::Change* change;
};

/// The fresh transactions of a push (or held ones that are tried again), in their order, and what they touch: found in
/// one pass, so that whoever asks the database about them has the keys for one statement a table. Owns the
/// transactions. Precondition: the tables and the ids of the changes were checked (push_check.h).
class Batch {
public:
    explicit Batch(std::vector<sync::Transaction> transactions);
    // The lists point into the transactions.
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    [[nodiscard]] const std::vector<sync::Transaction>& transactions() const { return transactions_; }
    /// Every change, in order; and those of one table.
    [[nodiscard]] const std::vector<BatchChange>& changes() const { return changes_; }
    [[nodiscard]] const std::vector<BatchChange>& changes_of(std::string_view table) const;

    /// The clinics that the changes name.
    [[nodiscard]] const std::set<std::string>& clinics() const { return clinics_; }
    [[nodiscard]] const std::set<sync::RowKey>& rows_written() const { return rows_written_; }
    /// Rows that the changes name as parents, and the staff rows of the transactions' actors. They come from outside:
    /// what is no id names no row and is left out.
    [[nodiscard]] const std::set<sync::RowKey>& rows_referenced() const { return rows_referenced_; }

    /// Gives each transaction to `erase`, which may change values of changes, and nothing that the lists above hold.
    void erase_values(const std::function<void(sync::Transaction&)>& erase);

private:
    std::vector<sync::Transaction> transactions_;
    std::vector<BatchChange> changes_;
    std::map<std::string, std::vector<BatchChange>, std::less<>> changes_of_;
    std::set<std::string> clinics_;
    std::set<sync::RowKey> rows_written_, rows_referenced_;
};

}  // namespace vetchart::central
