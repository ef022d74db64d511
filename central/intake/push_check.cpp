#include "central/intake/push_check.h"

#include <algorithm>

#include "sync/base/uuid.h"
#include "sync/catalogue/catalogue.h"

namespace vetchart::central {
namespace {

using sync::Change;

bool is_row_id(const Change& change) {
    if (change.table != "bill_medical_record") return parse_uuid(change.row_id).has_value();
    return change.row_id.size() == 73 && change.row_id[36] == '/' && parse_uuid(change.row_id.substr(0, 36)) &&
           parse_uuid(change.row_id.substr(37));
}

bool is_text(const sync::Json& values, const char* column, std::string_view wanted) {
    const auto found = values.find(column);
    return found != values.end() && found->is_string() && found->get_ref<const std::string&>() == wanted;
}

/// The key inside the values says the same as the change's head.
bool key_fits(const Change& change) {
    const auto fits = [&change](const sync::Json& values) {
        if (!values.is_object()) return true;
        const bool whole = change.op != sync::Op::update;  // an insert or delete carries the whole row
        if (change.table == "bill_medical_record") {
            return !whole || (is_text(values, "bill_id", change.row_id.substr(0, 36)) &&
                              is_text(values, "medical_record_id", change.row_id.substr(37)) &&
                              is_text(values, "clinic_id", change.clinic_id));
        }
        if (change.table == "clinic")
            return change.row_id == change.clinic_id && (!whole || is_text(values, "id", change.row_id));
        return !whole || (is_text(values, "id", change.row_id) && is_text(values, "clinic_id", change.clinic_id));
    };
    return fits(change.old_values) && fits(change.new_values);
}

std::optional<std::string> unknown_column(const Change& change, const std::vector<std::string>& columns) {
    for (const sync::Json* values : {&change.old_values, &change.new_values}) {
        if (!values->is_object()) continue;
        for (const auto& [column, value] : values->items()) {
            if (std::find(columns.begin(), columns.end(), column) == columns.end()) return column;
        }
    }
    return std::nullopt;
}

std::optional<Refusal> check_change(const Change& change, const std::vector<sync::ScopedClinic>& clinics,
                                    const ColumnCatalog& catalog) {
    const auto columns = catalog.find(change.table);
    if (!sync::table_index(change.table) || columns == catalog.end()) {
        return Refusal{422, "unknown_table", "There is no table of that name."};
    }
    if (!is_row_id(change) || !key_fits(change)) {
        return Refusal{400, "malformed", "A change's id does not fit its row."};
    }
    if (unknown_column(change, columns->second)) {
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
                                     const std::vector<sync::ScopedClinic>& scope, const ColumnCatalog& catalog) {
    for (const sync::Transaction& transaction : transactions) {
        for (const Change& change : transaction.changes) {
            if (auto refusal = check_change(change, scope, catalog)) return refusal;
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
