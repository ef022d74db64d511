#include "edge/api/patient_weight.h"

#include <array>

#include "edge/api/body.h"

namespace vetchart::edge {
namespace {

std::size_t of_patient(std::string_view column) { return field_index(ChartTable::patient, column); }
std::size_t of_record(std::string_view column) { return field_index(ChartTable::medical_record, column); }

bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

/// The column's value as `shown` has it, in the form a body would be read in.
Value shown_value(const Json& shown, std::string_view column) {
    const sync::Column& field = fields_of(ChartTable::patient)[of_patient(column)];
    Json ignored;
    const std::string name(field.json);
    if (!given(shown, name)) return std::monostate{};
    return read_value(field, shown[name], ignored).value_or(std::monostate{});
}

}  // namespace

void settle_own_weight(const Json& body, const Json& shown, const std::vector<Value>* stored, const std::string& today,
                       std::vector<Value>& values) {
    constexpr std::array<std::string_view, 3> kColumns = {"weight_milli", "weight_unit", "weighed_on"};
    Value& day = values[of_patient("weighed_on")];
    const auto differs = [&](std::string_view column) {
        return body.contains(std::string(fields_of(ChartTable::patient)[of_patient(column)].json)) &&
               values[of_patient(column)] != shown_value(shown, column);
    };
    const bool weighed = stored == nullptr || differs("weight_milli") || differs("weight_unit");
    const bool dated = stored != nullptr && differs("weighed_on");
    if (!weighed && !dated) {
        for (const std::string_view column : kColumns) values[of_patient(column)] = (*stored)[of_patient(column)];
        return;
    }
    if (stored != nullptr) {
        // What the body leaves out is what the person saw.
        for (const std::string_view column : kColumns) {
            const std::string name(fields_of(ChartTable::patient)[of_patient(column)].json);
            if (!body.contains(name)) values[of_patient(column)] = shown_value(shown, column);
        }
    }
    if (is_null(values[of_patient("weight_milli")])) {
        day = std::monostate{};
    } else if (!given(body, "weighedOn") || (weighed && stored != nullptr && !dated)) {
        day = today;
    }
}

void settle_record_weight(Connection& connection, const std::vector<Value>& values, const std::vector<Value>* stored,
                          UtcMillis now) {
    const auto is_new = [&](std::string_view column) {
        return stored == nullptr || (*stored)[of_record(column)] != values[of_record(column)];
    };
    if (is_null(values[of_record("weight_milli")])) return;
    if (!is_new("weight_milli") && !is_new("weight_unit") && !is_new("visit_date") && !is_new("patient_id")) return;
    let_record_weigh(connection, std::get<std::string>(values[of_record("patient_id")]),
                     std::get<std::string>(values[of_record("visit_date")]), now);
}

}  // namespace vetchart::edge
