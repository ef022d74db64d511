#include "edge/api/charts_write.h"

#include "edge/api/body.h"
#include "edge/api/errors.h"
#include "edge/store/rows/charts_people.h"

namespace vetchart::edge {
namespace {

/// The clinic of the first row that `values` refer to, if the login opens it; else empty.
std::string clinic_of_parents(Connection& connection, const Session& session, ChartTable table,
                              const std::vector<Value>& values) {
    const auto fields = fields_of(table);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto* id = std::get_if<std::string>(&values[i]);
        if (fields[i].kind != sync::ColumnKind::reference || id == nullptr) continue;
        std::string clinic_id;
        if (parent_state(connection, chart_table(fields[i].parent), *id, clinic_id) != ParentState::missing &&
            session.opens(clinic_id)) {
            return clinic_id;
        }
    }
    return {};
}

}  // namespace

std::optional<std::string> choose_clinic(Connection& connection, const Session& session, ChartTable table,
                                         const Json& body, const std::vector<Value>& values, Response& refusal) {
    const auto wanted = body.find("clinicId");
    if (wanted != body.end() && wanted->is_string() && !wanted->get_ref<const std::string&>().empty()) {
        std::string clinic_id = wanted->get<std::string>();
        if (session.opens(clinic_id)) return clinic_id;
        refusal = error_response(403, "clinic_forbidden", "Your login does not open this clinic.",
                                 Json{{"clinicId", "Your login does not open this clinic."}});
        return std::nullopt;
    }
    std::string clinic_id = clinic_of_parents(connection, session, table, values);
    return clinic_id.empty() ? session.staff.front().clinic_id : clinic_id;
}

std::optional<Response> refuse_parents(Connection& connection, ChartTable table, const std::string& clinic_id,
                                       const std::vector<Value>& values, const std::vector<Value>* stored) {
    const auto fields = fields_of(table);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto* id = std::get_if<std::string>(&values[i]);
        if (fields[i].kind != sync::ColumnKind::reference || id == nullptr) continue;
        if (stored != nullptr && (*stored)[i] == values[i]) continue;
        std::string parent_clinic;
        const ParentState state = parent_state(connection, chart_table(fields[i].parent), *id, parent_clinic);
        const std::string name(fields[i].json);
        const std::string label(fields[i].label);
        if (state == ParentState::missing || parent_clinic != clinic_id) {
            const std::string sentence = label + " was not found.";
            return error_response(422, "orphan", sentence, Json{{name, sentence}});
        }
        if (state == ParentState::deleted) {
            const std::string sentence = label + " has been deleted. Restore it first.";
            return error_response(422, "parent_deleted", sentence, Json{{name, sentence}});
        }
    }
    return std::nullopt;
}

Json with_printed_names(Connection& connection, ChartTable table, Json body, const std::vector<Value>* stored) {
    const auto fields = fields_of(table);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].printed.empty()) continue;
        const std::string id = text_of(body, fields[i].json);
        const std::string text(fields[field_index(table, fields[i].printed)].json);
        if (id.empty() || (given(body, text) && body[text] != "")) continue;
        if (stored != nullptr && !body.contains(text) && (*stored)[i] == Value(id)) continue;
        if (auto member = find_staff(connection, id)) body[text] = std::move(member->name);
    }
    return body;
}

void match_printed_names(Connection& connection, ChartTable table, const std::string& clinic_id, const Json& body,
                         const std::vector<Value>* stored, std::vector<Value>& values) {
    const auto fields = fields_of(table);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].printed.empty() || body.contains(std::string(fields[i].json))) continue;
        const std::size_t text = field_index(table, fields[i].printed);
        if (!body.contains(std::string(fields[text].json))) continue;
        const bool has_id = std::holds_alternative<std::string>(values[i]);
        if (stored != nullptr && has_id && values[text] == (*stored)[text]) continue;
        const auto* printed = std::get_if<std::string>(&values[text]);
        const auto member = printed == nullptr ? std::nullopt : staff_of_name(connection, clinic_id, *printed);
        values[i] = member ? Value(member->id) : Value(std::monostate{});
    }
}

Response answer_row(Connection& connection, ChartTable table, const std::string& id, const Reach& reach, int status) {
    auto row = find_row(connection, table, id, reach);
    return row ? row_response(status, std::move(*row)) : not_found(table_label(table));
}

}  // namespace vetchart::edge
