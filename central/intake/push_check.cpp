#include "central/intake/push_check.h"

#include <algorithm>

#include "sync/catalogue/catalogue.h"
#include "sync/catalogue/row_key.h"

namespace vetchart::central {
namespace {

using sync::Change;

bool is_text(const sync::Json& values, std::string_view column, std::string_view wanted) {
    const auto found = values.find(column);
    return found != values.end() && found->is_string() && found->get_ref<const std::string&>() == wanted;
}

/// True when the key inside a whole row, which an insert or delete carries, says the same as the change's head.
bool key_fits(const Change& change, const sync::Table& table) {
    const auto fits = [&](const sync::Json& values) {
        if (!values.is_object() || change.op == sync::Op::update) return true;
        for (std::size_t i = 0; i < table.key.size(); ++i) {
            if (!is_text(values, table.key[i], sync::key_part(change.row_id, i))) return false;
        }
        return is_text(values, table.clinic_column(), change.clinic_id);
    };
    // A clinic's row is its own clinic's.
    const bool is_own = table.clinic_column() != table.key.front() || change.row_id == change.clinic_id;
    return is_own && fits(change.old_values) && fits(change.new_values);
}

bool names_unknown_column(const Change& change, const sync::Table& table) {
    for (const sync::Json* values : {&change.old_values, &change.new_values}) {
        if (!values->is_object()) continue;
        for (const auto& [column, value] : values->items()) {
            if (table.find(column) == nullptr) return true;
        }
    }
    return false;
}

std::optional<Refusal> check_change(const Change& change, const std::vector<sync::ScopedClinic>& clinics) {
    const sync::Table* table = sync::find_table(change.table);
    if (table == nullptr) return Refusal{422, "unknown_table", "There is no table of that name."};
    if (!sync::is_row_id(change.table, change.row_id) || !key_fits(change, *table)) {
        return Refusal{400, "malformed", "A change's id does not fit its row."};
    }
    if (names_unknown_column(change, *table)) {
        return Refusal{422, "unknown_column",
                       "A change of " + change.table + " names a column that central does not have."};
    }
    const bool in_scope = std::any_of(clinics.begin(), clinics.end(), [&change](const sync::ScopedClinic& clinic) {
        return clinic.id == change.clinic_id;
    });
    if (!in_scope) {
        return Refusal{403, "clinic_forbidden", "This node does not belong to the clinic of a change."};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Refusal> check_content(const std::vector<sync::Transaction>& transactions,
                                     const std::vector<sync::ScopedClinic>& scope) {
    for (const sync::Transaction& transaction : transactions) {
        for (const Change& change : transaction.changes) {
            if (auto refusal = check_change(change, scope)) return refusal;
        }
    }
    return std::nullopt;
}

std::optional<Refusal> check_rows(const Batch& batch, const sync::Picture& picture) {
    for (const auto& [transaction, change] : batch.changes()) {
        const sync::RowState& row = picture.at({change->table, change->row_id});
        if (row.presence != sync::RowState::Presence::unknown && row.clinic_id != change->clinic_id) {
            return Refusal{403, "clinic_forbidden", "A change is about a row of another clinic."};
        }
    }
    return std::nullopt;
}

}  // namespace vetchart::central
