#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sync/engine/picture.h"
#include "sync/model/change.h"

namespace vetchart::sync {

/// All changes of one row within one transaction, counted as one.
struct NetChange {
    RowKey key;
    std::string clinic_id;
    Op op = Op::update;
    Json old_values = Json::object();  ///< The first old value of each column.
    Json new_values = Json::object();  ///< The last new value of each column.
    bool gone = false;                 ///< Inserted and deleted within the transaction: nothing is left of it.
    std::vector<std::size_t> changes;  ///< Which of the transaction's changes they are.

    /// The old value of `column`, or nullptr where the transaction does not say it.
    [[nodiscard]] const Json* old_value(std::string_view column) const;
    /// True when `column` gets another value than it had, as far as the transaction says.
    [[nodiscard]] bool moves(std::string_view column) const;
    void drop(std::string_view column) { new_values.erase(std::string(column)); }
};

/// One net change a row, in the order of their first change. A row deleted and inserted again is an update.
[[nodiscard]] std::vector<NetChange> net_changes(const Transaction& transaction);

}  // namespace vetchart::sync
